import { describe, expect, it } from 'vitest';
import { walkDistributions } from '../../../../../shared/core/statistics/walk-distributions.ts';

describe('two distributions are walked', () => {
  it('one step a distinct value, with the difference up to the next', () => {
    const steps: [number, number][] = [];

    walkDistributions(
      { values: Float64Array.of(1, 2, 2, 5) },
      { values: Float64Array.of(2, 4), weights: Float64Array.of(3, 1) },
      (difference, width) => steps.push([difference, width]),
    );

    expect(steps).toEqual([
      [0.25, 1],
      [0, 2],
      [-0.25, 1],
      [0, 0],
    ]);
  });
});
