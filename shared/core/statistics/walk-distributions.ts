import { assert } from '../../kernel/assert.ts';

/** A sample in ascending order; without weights each value counts once. */
export interface SortedSample {
  readonly values: Float64Array;
  /** One positive weight a value. */
  readonly weights?: Float64Array;
}

/** Sums of the weights: at i that of the first i values. */
const cumulate = ({ values, weights }: SortedSample): Float64Array => {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i += 1) {
    sums[i + 1] = (sums[i] as number) + (weights === undefined ? 1 : (weights[i] as number));
  }
  return sums;
};

const skip = (values: Float64Array, from: number, at: number): number => {
  let i = from;
  while (i < values.length && values[i] === at) i += 1;
  return i;
};

const check = ({ values }: SortedSample): void => {
  assert(values.length > 0, 'two distributions need values on both sides');
  const finite = Number.isFinite(values[0]) && Number.isFinite(values[values.length - 1]);
  assert(finite, 'distributions need finite values in ascending order');
};

/**
 * Walks two empirical distribution functions F and G at once and calls `visit(difference, width)` after every distinct
 * value: the difference F − G from this value up to the next, and the distance to the next (0 after the last one).
 * Ties, within a sample or across, are one step.
 */
export const walkDistributions = (
  a: SortedSample,
  b: SortedSample,
  visit: (difference: number, width: number) => void,
): void => {
  check(a);
  check(b);
  const sumsA = cumulate(a);
  const sumsB = cumulate(b);
  const endA = a.values.length;
  const endB = b.values.length;
  const totalA = sumsA[endA] as number;
  const totalB = sumsB[endB] as number;
  let i = 0;
  let j = 0;
  let at = Math.min(a.values[0] as number, b.values[0] as number);
  while (i < endA || j < endB) {
    i = skip(a.values, i, at);
    j = skip(b.values, j, at);
    const nextA = i < endA ? (a.values[i] as number) : Number.POSITIVE_INFINITY;
    const nextB = j < endB ? (b.values[j] as number) : Number.POSITIVE_INFINITY;
    const next = nextA < nextB ? nextA : nextB;
    assert(next > at, 'distributions need finite values in ascending order');
    const difference = (sumsA[i] as number) / totalA - (sumsB[j] as number) / totalB;
    visit(difference, next === Number.POSITIVE_INFINITY ? 0 : next - at);
    at = next;
  }
};
