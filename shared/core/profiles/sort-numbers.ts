/** Rows that are folded at once: what they need stays in a core's own cache. */
export const CHUNK_ROWS = 4_096;

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Moves of the last pass, a value, from which on another way is faster. */
const MAX_MOVES = 8;

/** An unsigned key that orders as the upper words of doubles do. */
const keyOf = (word: number): number => word ^ ((word >> 31) | 0x8000_0000);

const toStarts = (counts: Uint32Array): void => {
  let start = 0;
  for (let i = 0; i < counts.length; i += 1) {
    const count = counts[i] as number;
    counts[i] = start;
    start += count;
  }
};

/** Orders what the digits left out of order. @returns false when that is too much. */
const insertionPass = (values: Float64Array, length: number): boolean => {
  let budget = length * MAX_MOVES;
  let largest = values[0] as number;
  for (let i = 1; i < length; i += 1) {
    const value = values[i] as number;
    if (largest <= value) {
      largest = value;
      continue;
    }
    let j = i - 1;
    do {
      values[j + 1] = values[j] as number;
      j -= 1;
    } while (j >= 0 && (values[j] as number) > value);
    values[j + 1] = value;
    budget -= i - j;
    if (budget < 0) return false;
  }
  return true;
};

/** What a column's pieces were found to need; each column keeps one. */
export interface SortHint {
  allDigits: boolean;
  /** The lowest bit of the last piece's digits. */
  firstBit?: number;
}

export interface NumberSorter {
  /** Where the values go, from index 0; overwritten by the sort. */
  readonly values: Float64Array;
  /** @returns the first `length` values in ascending order, valid until the next sort. */
  sort(length: number, hint: SortHint): Float64Array;
}

/** The passes of a least-significant-digit-first sort by two digits, of values that stand in `here`. */
const createDigitPasses = () => {
  // Closed over, not handed on: V8's first compilers then take half the time.
  const here = new Float64Array(CHUNK_ROWS);
  const there = new Float64Array(CHUNK_ROWS);
  const words = new Int32Array(here.buffer);
  const digits = new Uint32Array(CHUNK_ROWS);
  const movedDigits = new Uint32Array(CHUNK_ROWS);
  const lower = new Uint32Array(DIGITS);
  const upper = new Uint32Array(DIGITS);

  /** Reads two digits of each key, from a bit on. @returns the lowest bit from which on 22 bits tell the most of the keys apart. */
  const read = (length: number, shift: number): number => {
    const first = words[1] as number;
    let different = 0;
    lower.fill(0);
    upper.fill(0);
    for (let i = 0; i < length; i += 1) {
      const word = words[2 * i + 1] as number;
      different |= word ^ first;
      const both = keyOf(word) >>> shift;
      digits[i] = both;
      const low = both & (DIGITS - 1);
      const high = (both >>> DIGIT_BITS) & (DIGITS - 1);
      lower[low] = (lower[low] as number) + 1;
      upper[high] = (upper[high] as number) + 1;
    }
    return Math.max(0, 32 - Math.clz32(different) - 2 * DIGIT_BITS);
  };

  /** To `there`. */
  const moveByLower = (length: number): void => {
    toStarts(lower);
    for (let i = 0; i < length; i += 1) {
      const both = digits[i] as number;
      const digit = both & (DIGITS - 1);
      const place = lower[digit] as number;
      lower[digit] = place + 1;
      there[place] = here[i] as number;
      movedDigits[place] = both;
    }
  };

  /** Back from there. */
  const moveByUpper = (length: number): void => {
    toStarts(upper);
    for (let i = 0; i < length; i += 1) {
      const digit = ((movedDigits[i] as number) >>> DIGIT_BITS) & (DIGITS - 1);
      const place = upper[digit] as number;
      upper[digit] = place + 1;
      here[place] = there[i] as number;
    }
  };
  return { here, there, read, moveByLower, moveByUpper };
};

/**
 * Sorts up to `CHUNK_ROWS` finite numbers, without -0: by two digits of their upper words, from the first bit in which
 * they differ, and by insertion where these are equal. Where that leaves too much (many values close to each other, and
 * one far off) by all three digits, and where even the upper words are equal by the engine's own sort, some ten times as
 * slow.
 */
export const createNumberSorter = (): NumberSorter => {
  const { here, there, read, moveByLower, moveByUpper } = createDigitPasses();

  const sortByTwo = (length: number, hint: SortHint): boolean => {
    const expected = hint.firstBit ?? 0;
    const firstBit = read(length, expected);
    if (firstBit !== expected) read(length, firstBit);
    hint.firstBit = firstBit;
    moveByLower(length);
    moveByUpper(length);
    return insertionPass(here, length);
  };

  const sortByThree = (length: number): void => {
    read(length, 0);
    moveByLower(length);
    moveByUpper(length);
    read(length, 2 * DIGIT_BITS);
    moveByLower(length);
    here.set(there.subarray(0, length));
    if (!insertionPass(here, length)) here.subarray(0, length).sort();
  };

  const sort: NumberSorter['sort'] = (length, hint) => {
    if (length > 1 && (hint.allDigits || !sortByTwo(length, hint))) {
      hint.allDigits = true;
      sortByThree(length);
    }
    return here;
  };
  return { values: here, sort };
};
