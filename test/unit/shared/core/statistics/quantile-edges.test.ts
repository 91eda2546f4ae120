import { describe, expect, it } from 'vitest';
import { quantileEdges } from '../../../../../shared/core/statistics/quantile-edges.ts';
import reference from '../../../../reference/statistics/reference.json' with { type: 'json' };

describe('quantile edges', () => {
  it('are the deciles of numpy by the inverse of the empirical distribution', () => {
    expect(quantileEdges(reference.values, 10)).toEqual(reference.quantileEdges.values);
  });

  it('keep tied deciles once and drop an edge at the maximum', () => {
    expect(quantileEdges(reference.tied, 10)).toEqual(reference.quantileEdges.tied);
    expect(quantileEdges([7, 7, 7], 10)).toEqual([]);
  });

  it('leave the values as they are', () => {
    const values = Float64Array.of(3, 1, 2);

    quantileEdges(values, 2);

    expect([...values]).toEqual([3, 1, 2]);
  });

  it('refuse values without an order', () => {
    expect(() => quantileEdges([1, Number.NaN], 2)).toThrow('finite');
  });
});
