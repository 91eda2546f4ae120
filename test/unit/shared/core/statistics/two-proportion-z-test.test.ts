import { describe, expect, it } from 'vitest';
import { twoProportionZTest } from '../../../../../shared/core/statistics/two-proportion-z-test.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the z-test of two shares', () => {
  it.each(reference.shares)(
    'is that of scipy: $reference and $current',
    ({ reference: [a, n], current: [b, m], ...expected }) => {
      const { z, pValue } = twoProportionZTest({ count: a!, total: n! }, { count: b!, total: m! });

      expect(Math.abs(z - expected.z)).toBeLessThan(1e-9);
      expect(relativeError(pValue, expected.pValue)).toBeLessThan(1e-9);
    },
  );

  it('finds nothing where both shares are all or none', () => {
    expect(twoProportionZTest({ count: 0, total: 5 }, { count: 0, total: 9 })).toEqual({ z: 0, pValue: 1 });
    expect(twoProportionZTest({ count: 5, total: 5 }, { count: 9, total: 9 })).toEqual({ z: 0, pValue: 1 });
  });

  it('refuses more hits than rows, and no rows', () => {
    expect(() => twoProportionZTest({ count: 6, total: 5 }, { count: 0, total: 9 })).toThrow('count ≤ total');
    expect(() => twoProportionZTest({ count: 0, total: 5 }, { count: 0, total: 0 })).toThrow('total above 0');
  });
});
