import { describe, expect, it } from 'vitest';
import { passedBy, unitsToPass } from '../../../../../shared/core/judging/first-passage.ts';
import reference from '../../../../reference/judging/reference.json' with { type: 'json' };

const growth = { mean: 0.02, variance: 0.05 };

describe('first passage', () => {
  it('has the distribution of the inverse Gaussian', () => {
    for (const { mean, variance, limit, units, probability } of reference.firstPassages)
      expect(passedBy({ mean, variance }, limit, units)).toBeCloseTo(probability, 6);
  });

  it('is turned round by the units that pass with a probability', () => {
    for (const probability of [0.1, 0.5, 0.8, 0.99])
      expect(passedBy(growth, 3, unitsToPass(growth, 3, probability))).toBeCloseTo(probability, 6);
  });

  it('never comes without growth, and is sure without chance', () => {
    expect(unitsToPass({ mean: 0, variance: 1 }, 3, 0.8)).toBe(Number.POSITIVE_INFINITY);
    expect(passedBy({ mean: -0.1, variance: 1 }, 3, 1e6)).toBe(0);
    expect(unitsToPass({ mean: 0.5, variance: 0 }, 3, 0.8)).toBeCloseTo(6, 5);
  });
});
