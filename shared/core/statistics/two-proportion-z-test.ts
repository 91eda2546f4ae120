import { assert } from '../../kernel/assert.ts';
import { upperGammaShare } from './upper-gamma-share.ts';

export interface Proportion {
  readonly count: number;
  readonly total: number;
}

const check = ({ count, total }: Proportion): void =>
  assert(total > 0 && count >= 0 && count <= total, 'a proportion needs 0 ≤ count ≤ total and a total above 0');

/**
 * The two-sided z-test that two shares are one, with the pooled share's variance (as statsmodels' `proportions_ztest`).
 * z is positive where the current share is higher. Where all or none of the rows of both sides count, z is 0 and the
 * p-value 1.
 */
export const twoProportionZTest = (
  reference: Proportion,
  current: Proportion,
): { readonly z: number; readonly pValue: number } => {
  check(reference);
  check(current);
  const pooled = (reference.count + current.count) / (reference.total + current.total);
  const variance = pooled * (1 - pooled) * (1 / reference.total + 1 / current.total);
  if (variance === 0) return { z: 0, pValue: 1 };
  const z = (current.count / current.total - reference.count / reference.total) / Math.sqrt(variance);
  return { z, pValue: upperGammaShare(0.5, (z * z) / 2) };
};
