import { assert } from '../../kernel/assert.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Score interval of a binomial share (Wilson 1927), without continuity correction.
 * `z` is the normal quantile: 1.6449 for a one-sided 95 % bound, 1.96 for a two-sided 95 % interval.
 */
export const wilsonInterval = (successCount: number, trialCount: number, z: number): Interval => {
  assert(
    trialCount > 0 && successCount >= 0 && successCount <= trialCount,
    'wilson interval needs 0 ≤ successes ≤ trials > 0',
  );
  const share = successCount / trialCount;
  const denominator = 1 + (z * z) / trialCount;
  const centre = (share + (z * z) / (2 * trialCount)) / denominator;
  const halfWidth =
    (z * Math.sqrt((share * (1 - share)) / trialCount + (z * z) / (4 * trialCount * trialCount))) / denominator;
  return { lower: Math.max(0, centre - halfWidth), upper: Math.min(1, centre + halfWidth) };
};
