import { describe, expect, it } from 'vitest';
import { upperGammaShare } from '../../../../../shared/core/statistics/upper-gamma-share.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the upper incomplete gamma function', () => {
  it.each(reference.upperGammaShares)('is that of scipy: Q($a, $x)', ({ a, x, value }) => {
    expect(relativeError(upperGammaShare(a, x), value)).toBeLessThan(1e-9);
  });

  it('is 1 at 0, 0 at infinity and exp(−x) for a = 1', () => {
    expect(upperGammaShare(3, 0)).toBe(1);
    expect(upperGammaShare(3, Number.POSITIVE_INFINITY)).toBe(0);
    expect(upperGammaShare(1, 2)).toBeCloseTo(Math.exp(-2), 14);
  });

  it('refuses what it is not defined for', () => {
    expect(() => upperGammaShare(0, 1)).toThrow('a > 0');
    expect(() => upperGammaShare(1, Number.NaN)).toThrow('x ≥ 0');
  });
});
