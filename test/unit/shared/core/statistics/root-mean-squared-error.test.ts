import { describe, expect, it } from 'vitest';
import { rootMeanSquaredError } from '../../../../../shared/core/statistics/root-mean-squared-error.ts';
import reference from '../../../../reference/gbdt/scikit-learn.json' with { type: 'json' };

describe('rootMeanSquaredError', () => {
  it('equals scikit-learn', () => {
    const error = rootMeanSquaredError(reference.labels, reference.probabilities);

    expect(error).toBeCloseTo(reference.rootMeanSquaredError, 14);
  });

  it('is in the unit of the label', () => {
    expect(rootMeanSquaredError([100, 200], [103, 196])).toBeCloseTo(Math.sqrt(12.5), 14);
  });

  it('refuses infinity and an empty sample', () => {
    expect(() => rootMeanSquaredError([Number.POSITIVE_INFINITY], [1])).toThrow('label 0 must be finite, got Infinity');
    expect(() => rootMeanSquaredError([], [])).toThrow('at least one row, got 0');
  });
});
