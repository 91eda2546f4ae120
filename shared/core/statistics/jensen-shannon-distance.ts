import { assert } from '../../kernel/assert.ts';

/**
 * The Jensen–Shannon distance of two histograms over the same bins: the square root of the mean relative entropy of
 * either to their mean (Lin 1991; a metric: Endres & Schindelin 2003). As `scipy.spatial.distance.jensenshannon`: counts
 * are normed to shares, nothing is smoothed, an empty bin adds 0. In [0, 1] with the default logarithm to base 2.
 */
export const jensenShannonDistance = (
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  { base = 2 }: { readonly base?: number } = {},
): number => {
  assert(reference.length === current.length, 'a Jensen–Shannon distance needs histograms over the same bins');
  let [referenceTotal, currentTotal] = [0, 0];
  for (let i = 0; i < reference.length; i += 1) {
    referenceTotal += reference[i] as number;
    currentTotal += current[i] as number;
  }
  assert(referenceTotal > 0 && currentTotal > 0, 'a Jensen–Shannon distance needs rows on both sides');
  let divergence = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const r = (reference[i] as number) / referenceTotal;
    const c = (current[i] as number) / currentTotal;
    const mean = (r + c) / 2;
    if (r > 0) divergence += r * Math.log(r / mean);
    if (c > 0) divergence += c * Math.log(c / mean);
  }
  // Rounding may leave a hair below 0 for equal shares.
  return Math.sqrt(Math.max(0, divergence) / 2 / Math.log(base));
};
