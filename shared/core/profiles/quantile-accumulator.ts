import { finishHash, mixWord } from './hash.ts';
import { assertSketchSize, type QuantileSketch } from './quantile-sketch.ts';

const SHRINK = 2 / 3;
const MIN_CAPACITY = 8;

interface Level {
  values: Float64Array;
  length: number;
  owed: number;
}

const capacitiesOf = (size: number, levelCount: number): readonly number[] =>
  Array.from({ length: levelCount }, (_, level) =>
    Math.max(MIN_CAPACITY, Math.ceil(size * SHRINK ** (levelCount - 1 - level))),
  );

/** Merges an ascending run into a level, from behind, so that nothing is moved twice. */
const insertRun = (level: Level, run: Float64Array, runLength: number): void => {
  const length = level.length + runLength;
  if (level.values.length < length) {
    const grown = new Float64Array(Math.max(length, 2 * level.values.length));
    grown.set(level.values.subarray(0, level.length));
    level.values = grown;
  }
  const { values } = level;
  if (level.length === 0) {
    values.set(run.subarray(0, runLength));
    level.length = length;
    return;
  }
  let i = level.length - 1;
  let place = length - 1;
  for (let j = runLength - 1; j >= 0; place -= 1) {
    const next = run[j] as number;
    if (i >= 0 && (values[i] as number) > next) {
      values[place] = values[i] as number;
      i -= 1;
    } else {
      values[place] = next;
      j -= 1;
    }
  }
  level.length = length;
};

/** What compactions cost, and what they owe. */
interface Books {
  count: number;
  maxError: number;
  errorSquares: number;
}

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

const flipCoin = (values: Float64Array, length: number, index: number, count: number): number => {
  bits[0] = values[length >> 1] as number;
  const hash = mixWord(mixWord(mixWord(index, words[0] as number), words[1] as number), length);
  return finishHash(mixWord(hash, count)) & 1;
};

/** Where the compaction of a level begins; enters it in the books unless it undoes the one before. */
const chooseOffset = (books: Books, level: Level, index: number, values: Float64Array, length: number): number => {
  if (level.owed > 0) {
    const offset = level.owed - 1;
    level.owed = 0;
    return offset;
  }
  const offset = flipCoin(values, length, index, books.count);
  level.owed = 2 - offset;
  books.maxError += 2 ** index;
  books.errorSquares += 4 ** index;
  return offset;
};

/** A debt that either of two sketches has stays one; of two, one. Which, does not depend on their order. */
const mergeDebts = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));

export interface QuantileAccumulator {
  /** Takes ascending finite values, each one row. */
  addSorted(values: Float64Array, length: number): void;
  absorb(sketch: QuantileSketch): void;
  sketch(): QuantileSketch;
}

/**
 * Builds one quantile sketch of many values and sketches. A full level is compacted: of its values in order every second
 * one goes up and counts double. Where a compaction begins is drawn by a coin, and the next one of the level begins at the
 * other offset. The coin is a hash of what is compacted, so that the same input gives the same sketch, everywhere.
 */
export const createQuantileAccumulator = (initialSize: number): QuantileAccumulator => {
  assertSketchSize(initialSize);
  const levels: Level[] = [];
  const books: Books = { count: 0, maxError: 0, errorSquares: 0 };
  let size = initialSize;
  let capacities: readonly number[] = [];
  let capacity = 0;
  let held = 0;
  /** The values on their way up. */
  let raised = new Float64Array(0);

  const setCapacities = (): void => {
    capacities = capacitiesOf(size, levels.length);
    capacity = capacities.reduce((sum, one) => sum + one, 0);
  };

  const levelAt = (index: number): Level => {
    while (levels.length <= index) levels.push({ values: new Float64Array(0), length: 0, owed: 0 });
    if (capacities.length !== levels.length) setCapacities();
    return levels[index] as Level;
  };

  const addRun = (index: number, values: Float64Array, length: number): void => {
    insertRun(levelAt(index), values, length);
    held += length;
  };

  /** Every second value of an even number of them; `raised` may be its own source. */
  const raise = (index: number, values: Float64Array, length: number): number => {
    const offset = chooseOffset(books, levelAt(index), index, values, length);
    const pairs = length >> 1;
    if (raised.length < pairs) raised = new Float64Array(pairs);
    const to = raised;
    for (let i = 0; i < pairs; i += 1) to[i] = values[2 * i + offset] as number;
    return pairs;
  };

  const compress = (): void => {
    while (held > capacity) {
      let index = 0;
      while ((levels[index] as Level).length <= (capacities[index] as number)) index += 1;
      const level = levels[index] as Level;
      const pairs = raise(index, level.values, level.length);
      // Of an odd number the largest stays, with its exact weight.
      if (level.length % 2 === 1) level.values[0] = level.values[level.length - 1] as number;
      held -= 2 * pairs;
      level.length %= 2;
      addRun(index + 1, raised, pairs);
    }
  };

  const addSorted = (values: Float64Array, length: number): void => {
    if (length === 0) return;
    books.count += length;
    let run = values;
    let left = length;
    let index = 0;
    // A long run needs no level to be thinned out.
    for (; left > size; index += 1) {
      if (left % 2 === 1) addRun(index, run.subarray(left - 1, left), 1);
      left = raise(index, run, left);
      run = raised;
    }
    addRun(index, run, left);
    compress();
  };

  const absorb = (sketch: QuantileSketch): void => {
    if (sketch.count === 0) return;
    const grows = sketch.size > size;
    if (grows) size = sketch.size;
    sketch.levels.forEach((values, index) => {
      addRun(index, values, values.length);
      const level = levels[index] as Level;
      level.owed = mergeDebts(level.owed, sketch.owed[index] ?? 0);
    });
    if (grows) setCapacities();
    books.count += sketch.count;
    books.maxError += sketch.maxError;
    books.errorSquares += sketch.errorSquares;
    compress();
  };

  const sketch = (): QuantileSketch => ({
    size,
    ...books,
    levels: levels.map(({ values, length }) => values.slice(0, length)),
    owed: levels.map(({ owed }) => owed),
  });
  return { addSorted, absorb, sketch };
};

/** The same rows in a sketch of at most `size`: fewer values, and an error that grows by what `maxError` then says. */
export const shrinkSketch = (sketch: QuantileSketch, size: number): QuantileSketch => {
  if (size >= sketch.size) return sketch;
  const accumulator = createQuantileAccumulator(size);
  accumulator.absorb({ ...sketch, size });
  return accumulator.sketch();
};
