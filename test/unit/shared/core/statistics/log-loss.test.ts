import { describe, expect, it } from 'vitest';
import { logLoss } from '../../../../../shared/core/statistics/log-loss.ts';
import reference from '../../../../reference/gbdt/scikit-learn.json' with { type: 'json' };

describe('logLoss', () => {
  it('equals scikit-learn, wrong certainties included', () => {
    expect(logLoss(reference.labels, reference.probabilities)).toBeCloseTo(reference.logLoss, 12);
  });

  it('is ln 2 for a coin, about 0 for right certainties, 52 ln 2 for a wrong one', () => {
    expect(logLoss([0, 1], [0.5, 0.5])).toBeCloseTo(Math.LN2, 15);
    expect(logLoss([0, 1], [0, 1])).toBeLessThan(1e-15);
    expect(logLoss([0], [1])).toBeCloseTo(52 * Math.LN2, 10);
  });

  it('refuses a probability outside [0, 1] and a label that is no class', () => {
    expect(() => logLoss([0, 1], [0.2, 1.5])).toThrow('probability 1 must be in [0, 1], got 1.5');
    expect(() => logLoss([0.5], [0.2])).toThrow('label 0 must be 0 or 1, got 0.5');
  });
});
