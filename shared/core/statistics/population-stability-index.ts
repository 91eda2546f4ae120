import { assert } from '../../kernel/assert.ts';

/** Rows imagined in every bin, so that an empty bin costs what the sample can support and never infinity. */
const PSEUDO_COUNT = 0.5;

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * Population stability index of two histograms over the same bins: Σ (c − r) · ln(c / r) over the bins' shares (the
 * Jeffreys divergence; Siddiqi 2006, Credit Risk Scorecards). 0 for equal shares, never negative.
 *
 * Smoothing: each share is (count + 0.5) / (total + 0.5 · bins). Bins that are empty in both histograms are dropped
 * first. Binning is the caller's.
 */
export const populationStabilityIndex = (reference: readonly number[], current: readonly number[]): number => {
  assert(reference.length === current.length, 'PSI needs histograms over the same bins');
  const referenceTotal = total(reference);
  const currentTotal = total(current);
  assert(referenceTotal > 0 && currentTotal > 0, 'PSI needs rows on both sides');
  const pairs = reference.map((count, i) => [count, current[i] ?? 0] as const).filter(([r, c]) => r > 0 || c > 0);
  const added = PSEUDO_COUNT * pairs.length;
  return pairs.reduce((sum, [r, c]) => {
    const referenceShare = (r + PSEUDO_COUNT) / (referenceTotal + added);
    const currentShare = (c + PSEUDO_COUNT) / (currentTotal + added);
    return sum + (currentShare - referenceShare) * Math.log(currentShare / referenceShare);
  }, 0);
};
