import { describe, expect, it } from 'vitest';
import { histogram } from '../../../../../shared/core/statistics/histogram.ts';
import { quantileEdges } from '../../../../../shared/core/statistics/quantile-edges.ts';
import { separatingEdges } from '../../../../../shared/core/statistics/separating-edges.ts';
import { fc } from '../../../../helpers/properties.ts';

const sorted = (values: readonly number[]) => Float64Array.from(values).sort();

describe('separating edges', () => {
  it('lie between values, so that a value may come back as float32', () => {
    const values = sorted(Array.from({ length: 90 }, (_, i) => Math.floor(i / 3) / 10));
    const rounded = Float32Array.from(values);

    const edges = separatingEdges(values, 10);

    expect(histogram(edges, rounded)).toEqual(histogram(edges, values));
    expect(histogram(quantileEdges(values, 10), rounded)).not.toEqual(histogram(quantileEdges(values, 10), values));
  });

  it('make the bins of quantile edges when there are more kinds of values than bins', () => {
    const many = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 20, maxLength: 90 });
    fc.assert(
      fc.property(many, fc.integer({ min: 1, max: 12 }), (values, bins) => {
        fc.pre(new Set(values.map((value) => value + 0)).size > bins);
        const edges = separatingEdges(sorted(values), bins);
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
        expect(histogram(edges, values)).toEqual(histogram(quantileEdges(values, bins), values));
      }),
    );
  });

  it('give each of few kinds of values a bin, however rare', () => {
    const values = sorted([...new Array<number>(95).fill(0), 1, 1, 1, 2, 7]);

    expect(separatingEdges(values, 10)).toEqual([0.5, 1.5, 4.5]);
    expect(separatingEdges(Float64Array.of(4, 4), 10)).toEqual([]);
  });

  it('part even neighbouring floating-point numbers', () => {
    const next = 1 + Number.EPSILON;

    expect(histogram(separatingEdges(Float64Array.of(1, next), 2), [1, next])).toEqual([1, 1]);
  });

  it('refuse values without an order', () => {
    expect(() => separatingEdges(Float64Array.of(1, Number.NaN), 2)).toThrow('finite');
  });
});
