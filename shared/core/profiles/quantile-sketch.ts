import { assert } from '../../kernel/assert.ts';
import type { SortedSample } from '../statistics/walk-distributions.ts';

/**
 * A sample that knows every rank within a bound: KLL (Karnin, Lang & Liberty 2016, "Optimal quantile approximation in
 * streams"). Each value of level h stands for 2^h rows. README.md has the bound and its proof.
 */
export interface QuantileSketch {
  /** Values that the uppermost level may hold; the levels below it shrink by a third each. */
  readonly size: number;
  /** Rows that the sketch stands for. */
  readonly count: number;
  /** Ascending values by level. */
  readonly levels: readonly Float64Array[];
  /** By level: 0, or 1 + the offset at which its next compaction must begin, to undo what the last one did. */
  readonly owed: readonly number[];
  /** No rank is further off than this, in rows: the sum of 2^h over the pairs of compactions. */
  readonly maxError: number;
  /** The sum of 4^h over the pairs of compactions: what bounds the error's spread. */
  readonly errorSquares: number;
}

export const MIN_SKETCH_SIZE = 8;
export const MAX_SKETCH_SIZE = 4_096;

export const assertSketchSize = (size: number): void =>
  assert(
    Number.isInteger(size) && size >= MIN_SKETCH_SIZE && size <= MAX_SKETCH_SIZE,
    `a sketch's size must be an integer in [${MIN_SKETCH_SIZE}, ${MAX_SKETCH_SIZE}], got ${size}`,
  );

export const emptyQuantileSketch = (size: number): QuantileSketch => {
  assertSketchSize(size);
  return { size, count: 0, levels: [], owed: [], maxError: 0, errorSquares: 0 };
};

/** Points at which ranks are bounded together; between two of them a rank moves by at most their distance. */
const GRID = 1_000;

/**
 * How far the share of rows ≤ x, as the sketch has it, may be off, for all x at once: with probability `confidence` over
 * the sketch's coins, and never beyond `maxError` rows. 0 while the sketch still holds every row.
 */
export const rankErrorBound = (sketch: QuantileSketch, confidence = 0.99): number => {
  assert(confidence > 0 && confidence < 1, 'a confidence lies between 0 and 1');
  const { count, maxError, errorSquares } = sketch;
  if (maxError === 0) return 0;
  const points = Math.min(count, GRID);
  const probable = Math.sqrt(2 * errorSquares * Math.log((2 * points) / (1 - confidence)));
  const between = count > GRID ? count / GRID : 0;
  return Math.min(maxError, probable + between, count) / count;
};

const mergeWeighted = (a: Required<SortedSample>, added: Float64Array, weight: number): Required<SortedSample> => {
  const length = a.values.length + added.length;
  const values = new Float64Array(length);
  const weights = new Float64Array(length);
  let i = 0;
  let j = 0;
  for (let place = 0; place < length; place += 1) {
    const fromA = j >= added.length || (i < a.values.length && (a.values[i] as number) <= (added[j] as number));
    values[place] = (fromA ? a.values[i] : added[j]) as number;
    weights[place] = fromA ? (a.weights[i] as number) : weight;
    if (fromA) i += 1;
    else j += 1;
  }
  return { values, weights };
};

/** The sketch's values in ascending order, with the rows that each stands for. */
export const sampleOf = ({ levels }: QuantileSketch): Required<SortedSample> =>
  levels.reduce<Required<SortedSample>>(
    (sample, values, level) => (values.length === 0 ? sample : mergeWeighted(sample, values, 2 ** level)),
    { values: new Float64Array(0), weights: new Float64Array(0) },
  );

/** The values at which the distribution function first reaches the shares; undefined for an empty sketch. */
export const quantilesOf = (sketch: QuantileSketch, shares: readonly number[]): readonly number[] | undefined => {
  if (sketch.count === 0) return undefined;
  const { values, weights } = sampleOf(sketch);
  return shares.map((share) => {
    assert(share >= 0 && share <= 1, 'a quantile is asked for by a share in [0, 1]');
    let left = share * sketch.count;
    let at = 0;
    for (; at < values.length - 1; at += 1) {
      left -= weights[at] as number;
      if (left <= 0) break;
    }
    return values[at] as number;
  });
};
