import { describe, expect, it } from 'vitest';
import { areaUnderRocCurve } from '../../../../../shared/core/statistics/area-under-roc-curve.ts';
import { fc } from '../../../../helpers/properties.ts';
import reference from '../../../../reference/gbdt/scikit-learn.json' with { type: 'json' };

describe('areaUnderRocCurve', () => {
  it('equals scikit-learn on a sample with ties', () => {
    expect(areaUnderRocCurve(reference.labels, reference.probabilities)).toBeCloseTo(reference.areaUnderRocCurve, 14);
  });

  it('is 1 for a perfect order, 0 for its reverse, 1/2 where all scores tie', () => {
    expect(areaUnderRocCurve([0, 0, 1], [-5, 2, 3])).toBe(1);
    expect(areaUnderRocCurve([0, 0, 1], [5, 2, -3])).toBe(0);
    expect(areaUnderRocCurve([0, 0, 1], [7, 7, 7])).toBe(0.5);
  });

  it('is the share of concordant pairs, whatever the sample', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 6 })), { minLength: 2 });
    fc.assert(
      fc.property(rows, (sample) => {
        const positives = sample.filter(([label]) => label === 1).map(([, score]) => score);
        const negatives = sample.filter(([label]) => label === 0).map(([, score]) => score);
        fc.pre(positives.length > 0 && negatives.length > 0);
        const pairs = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)));

        const area = areaUnderRocCurve(
          sample.map(([label]) => label),
          sample.map(([, score]) => score),
        );

        expect(area).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12);
      }),
    );
  });

  it('refuses one class, an empty sample, unequal lengths, NaN and other labels', () => {
    expect(() => areaUnderRocCurve([1, 1], [0.2, 0.3])).toThrow('needs both classes, got 2 positives and 0 negatives');
    expect(() => areaUnderRocCurve([], [])).toThrow('at least one row');
    expect(() => areaUnderRocCurve([0, 1], [0.2])).toThrow('2 labels and 1 scores');
    expect(() => areaUnderRocCurve([0, 1], [0.2, Number.NaN])).toThrow('score 1 must be finite, got NaN');
    expect(() => areaUnderRocCurve([0, 2], [0.2, 0.3])).toThrow('label 1 must be 0 or 1, got 2');
  });
});
