import { assert } from '../../kernel/assert.ts';
import { upperGammaShare } from './upper-gamma-share.ts';

export interface ChiSquareTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/**
 * Pearson's χ² test that two histograms over the same bins come from one distribution, without Yates' correction: SciPy's
 * `chi2_contingency(correction=False)`. Bins that are empty in both are dropped; with one bin left there is nothing to
 * compare: statistic 0, no degrees of freedom, p-value 1.
 */
export const chiSquareHomogeneity = (reference: ArrayLike<number>, current: ArrayLike<number>): ChiSquareTest => {
  assert(reference.length === current.length, 'a χ² test needs histograms over the same bins');
  let [referenceTotal, currentTotal, bins] = [0, 0, 0];
  for (let i = 0; i < reference.length; i += 1) {
    referenceTotal += reference[i] as number;
    currentTotal += current[i] as number;
    if ((reference[i] as number) + (current[i] as number) > 0) bins += 1;
  }
  assert(referenceTotal > 0 && currentTotal > 0, 'a χ² test needs rows on both sides');
  const referenceShare = referenceTotal / (referenceTotal + currentTotal);
  let statistic = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const both = (reference[i] as number) + (current[i] as number);
    if (both === 0) continue;
    const expected = both * referenceShare;
    const difference = (reference[i] as number) - expected;
    statistic += (difference * difference) / expected + (difference * difference) / (both - expected);
  }
  const degreesOfFreedom = bins - 1;
  const pValue = degreesOfFreedom === 0 ? 1 : upperGammaShare(degreesOfFreedom / 2, statistic / 2);
  return { statistic, degreesOfFreedom, pValue };
};
