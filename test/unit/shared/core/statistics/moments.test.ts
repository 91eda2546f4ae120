import { describe, expect, it } from 'vitest';
import { moments } from '../../../../../shared/core/statistics/moments.ts';
import reference from '../../../../reference/statistics/reference.json' with { type: 'json' };

describe('moments', () => {
  it('are those of numpy, and leave NaN out', () => {
    const found = moments([Number.NaN, ...reference.values]);

    expect(found?.count).toBe(40);
    expect(found?.mean).toBeCloseTo(reference.moments.mean, 12);
    expect(found?.standardDeviation).toBeCloseTo(reference.moments.standardDeviation, 12);
    expect([found?.minimum, found?.maximum]).toEqual([Math.min(...reference.values), Math.max(...reference.values)]);
  });

  it('keep a small spread far from zero', () => {
    expect(moments([1e9, 1e9 + 1, 1e9 + 2])?.standardDeviation).toBe(1);
  });

  it('are unknown without values', () => {
    expect(moments([Number.NaN])).toBeUndefined();
  });
});
