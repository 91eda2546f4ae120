import { describe, expect, it } from 'vitest';
import { wassersteinDistance } from '../../../../../shared/core/statistics/wasserstein-distance.ts';
import { fc } from '../../../../helpers/properties.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

const sorted = (values: readonly number[]) => ({ values: Float64Array.from(values).sort() });

describe('the Wasserstein distance', () => {
  it.each(reference.samples)('is that of scipy: $name', ({ a, b, wasserstein }) => {
    expect(relativeError(wassersteinDistance(sorted(a), sorted(b)), wasserstein)).toBeLessThan(1e-9);
  });

  it('takes weights for repeated rows', () => {
    const { a, b, weightsA, weightsB, wasserstein } = reference.weighted;

    const distance = wassersteinDistance(
      { ...sorted(a), weights: Float64Array.from(weightsA) },
      { ...sorted(b), weights: Float64Array.from(weightsB) },
    );

    expect(relativeError(distance, wasserstein)).toBeLessThan(1e-9);
  });

  it('is how far a sample is moved', () => {
    const values = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (a, shift) => {
        const moved = a.map((value) => value + shift);
        expect(wassersteinDistance(sorted(a), sorted(moved))).toBeCloseTo(Math.abs(shift), 9);
      }),
    );
  });
});
