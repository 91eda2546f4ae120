import { describe, expect, it } from 'vitest';
import { brierScore } from '../../../../../shared/core/statistics/brier-score.ts';
import reference from '../../../../reference/gbdt/scikit-learn.json' with { type: 'json' };

describe('brierScore', () => {
  it('equals scikit-learn', () => {
    expect(brierScore(reference.labels, reference.probabilities)).toBeCloseTo(reference.brierScore, 14);
  });

  it('is 0 for right certainties and 1 for wrong ones', () => {
    expect(brierScore([0, 1], [0, 1])).toBe(0);
    expect(brierScore([0, 1], [1, 0])).toBe(1);
  });

  it('refuses a probability outside [0, 1]', () => {
    expect(() => brierScore([1], [-0.1])).toThrow('probability 0 must be in [0, 1], got -0.1');
  });
});
