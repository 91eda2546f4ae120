import { describe, expect, it } from 'vitest';
import {
  deviationOf,
  mergeMoments,
  momentsOfSorted,
  NO_MOMENTS,
} from '../../../../../shared/core/profiles/moment-sums.ts';
import { moments } from '../../../../../shared/core/statistics/moments.ts';
import { createDraws, drawNumbers } from '../../../../helpers/drawn-columns.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';

const sumsOf = (values: Float64Array) => momentsOfSorted(values.slice().sort(), values.length);

describe('moments', () => {
  it.each([0, 1, 3, 6])('of merged parts are those of the whole, shape %i', (shape) => {
    const values = drawNumbers(createDraws(1), { count: 5_000, shape });
    const [a, b] = [sumsOf(values.subarray(0, 1_234)), sumsOf(values.subarray(1_234))];
    const whole = moments(values);

    const merged = mergeMoments(a, b);

    expect(merged).toEqual(mergeMoments(b, a));
    expect(merged.count).toBe(5_000);
    expect([merged.minimum, merged.maximum]).toEqual([whole?.minimum, whole?.maximum]);
    expect(relativeError(merged.mean, whole?.mean ?? 0)).toBeLessThan(1e-12);
    expect(relativeError(Math.sqrt(merged.squares / 4_999), whole?.standardDeviation ?? 0)).toBeLessThan(1e-10);
    expect(deviationOf(merged)).toBe(Math.sqrt(merged.squares / 5_000));
  });

  it('of nothing change nothing', () => {
    const one = sumsOf(Float64Array.of(4));

    expect(mergeMoments(NO_MOMENTS, one)).toBe(one);
    expect(mergeMoments(one, NO_MOMENTS)).toBe(one);
    expect(deviationOf(NO_MOMENTS)).toBe(0);
    expect(momentsOfSorted(new Float64Array(3), 0)).toBe(NO_MOMENTS);
  });
});
