import { describe, expect, it } from 'vitest';
import { chiSquareHomogeneity } from '../../../../../shared/core/statistics/chi-square-homogeneity.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the χ² test of homogeneity', () => {
  it.each(reference.histograms)('is that of scipy', ({ reference: r, current, chiSquare }) => {
    const test = chiSquareHomogeneity(r, current);

    expect(relativeError(test.statistic, chiSquare.statistic)).toBeLessThan(1e-9);
    expect(test.degreesOfFreedom).toBe(chiSquare.degreesOfFreedom);
    expect(relativeError(test.pValue, chiSquare.pValue)).toBeLessThan(1e-9);
  });

  it('has nothing to compare in one bin', () => {
    expect(chiSquareHomogeneity([5, 0], [9, 0])).toEqual({ statistic: 0, degreesOfFreedom: 0, pValue: 1 });
  });

  it('refuses a side without rows', () => {
    expect(() => chiSquareHomogeneity([1, 2], [0, 0])).toThrow('rows on both sides');
  });
});
