import { describe, expect, it } from 'vitest';
import { populationStabilityIndex } from '../../../../../shared/core/statistics/population-stability-index.ts';
import { fc } from '../../../../helpers/properties.ts';
import reference from '../../../../reference/statistics/reference.json' with { type: 'json' };

const histograms = fc
  .integer({ min: 1, max: 12 })
  .chain((bins) => fc.tuple(...[0, 1].map(() => fc.array(fc.nat(500), { minLength: bins, maxLength: bins }))))
  .filter((pair) => pair.every((counts) => counts?.some((count) => count > 0)));

describe('population stability index', () => {
  it('equals the Jeffreys divergence of scipy over shares smoothed by half a row', () => {
    const { reference: r, current, value } = reference.populationStabilityIndex;

    expect(populationStabilityIndex(r, current)).toBeCloseTo(value, 12);
  });

  it('follows the formula on shares that need no smoothing to speak of', () => {
    const psi = populationStabilityIndex([500_000, 500_000], [250_000, 750_000]);

    expect(psi).toBeCloseTo(0.25 * Math.log(1.5) - 0.25 * Math.log(0.5), 5);
  });

  it('is zero for a histogram and itself, never negative, and the same both ways round', () => {
    fc.assert(
      fc.property(histograms, ([a = [], b = []]) => {
        expect(populationStabilityIndex(a, a)).toBe(0);
        expect(populationStabilityIndex(a, b)).toBeGreaterThanOrEqual(0);
        expect(populationStabilityIndex(a, b)).toBeCloseTo(populationStabilityIndex(b, a), 12);
      }),
    );
  });

  it('stays finite for a bin that only one side has, and ignores a bin that neither has', () => {
    expect(populationStabilityIndex([1_000, 0], [0, 1_000])).toBeLessThan(20);
    expect(populationStabilityIndex([10, 0, 30], [20, 0, 20])).toBe(populationStabilityIndex([10, 30], [20, 20]));
  });

  it('refuses a side without rows', () => {
    expect(() => populationStabilityIndex([0, 0], [1, 2])).toThrow('rows on both sides');
  });
});
