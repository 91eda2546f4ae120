import { describe, expect, it } from 'vitest';
import { binIndex, histogram } from '../../../../../shared/core/statistics/histogram.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('histogram', () => {
  it('counts a value that equals an edge in the bin below it', () => {
    expect(histogram([0, 10], [-1, 0, 0.5, 10, 11])).toEqual([2, 2, 1]);
  });

  it('counts NaN nowhere and infinities in the outer bins', () => {
    expect(histogram([0], [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])).toEqual([1, 1]);
  });

  it('puts every value where a walk over the edges puts it', () => {
    const edges = fc
      .uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 12 })
      .map((e) => e.sort((a, b) => a - b));
    fc.assert(
      fc.property(edges, fc.integer({ min: -25, max: 25 }), (sorted, value) => {
        expect(binIndex(sorted, value)).toBe(sorted.filter((edge) => value > edge).length);
      }),
    );
  });
});
