import { describe, expect, it } from 'vitest';
import { binThresholds } from '../../../../../shared/core/training/bin-thresholds.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('binThresholds', () => {
  it('parts every two distinct values while they are few, halfway', () => {
    expect([...binThresholds(Float32Array.of(3, Number.NaN, 1, 3, 2))]).toEqual([1.5, 2.5]);
    expect([...binThresholds(Float32Array.of(-0, 0))]).toEqual([]);
    expect([...binThresholds(Float32Array.of(Number.NaN))]).toEqual([]);
  });

  it('parts neighbouring float32 values, between which no other lies', () => {
    const next = Math.fround(1 + 2 ** -23);

    expect([...binThresholds(Float32Array.of(1, next))]).toEqual([1]);
  });

  it('keeps to 254 value bins of like size where values are many', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => (i * 7_919) % 100_000);

    const thresholds = binThresholds(values);

    const sizes = Array.from(thresholds, (threshold, b) => threshold - (thresholds[b - 1] ?? -1));
    expect(thresholds).toHaveLength(253);
    expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(396);
    expect(Math.min(...sizes.slice(1))).toBeGreaterThanOrEqual(391);
  });

  it('gives a value as frequent as many bins a bin of its own', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 500 : i / 20));

    const thresholds = [...binThresholds(values)];

    expect(thresholds.some((t) => t >= 499.9 && t < 500)).toBe(true);
    expect(thresholds.some((t) => t >= 500 && t < 500.2)).toBe(true);
  });

  it('never exceeds 254 bins and ascends strictly, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noDefaultInfinity: true }), { maxLength: 2_000, size: 'max' }), (values) => {
        const thresholds = binThresholds(Float32Array.from(values));

        expect(thresholds.length).toBeLessThanOrEqual(253);
        expect(thresholds.every((t, i) => i === 0 || t > (thresholds[i - 1] as number))).toBe(true);
      }),
    );
  });
});
