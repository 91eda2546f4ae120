import { describe, expect, it } from 'vitest';
import { absorbDistinct, addDistinct, estimateDistinct } from '../../../../../shared/core/profiles/distinct-sketch.ts';
import { hashWords } from '../../../../../shared/core/profiles/hash.ts';

const sketchOf = (from: number, to: number, registers = 256): Uint8Array => {
  const sketch = new Uint8Array(registers);
  const words = new Int32Array(2);
  const value = new Float64Array(words.buffer);
  for (let i = from; i < to; i += 1) {
    value[0] = i * 0.37;
    addDistinct(sketch, Math.log2(registers), hashWords(words[0] ?? 0, words[1] ?? 0));
  }
  return sketch;
};

describe('a distinct count', () => {
  it('is none of nothing', () => {
    expect(estimateDistinct(new Uint8Array(256))).toBe(0);
  });

  it.each([1, 2, 5])('tells %i values exactly enough to round', (count) => {
    for (let i = 0; i < 20; i += 1)
      expect(Math.round(estimateDistinct(sketchOf(100 * i, 100 * i + count)))).toBe(count);
  });

  it.each([50, 300, 700, 3_000])('is unbiased, with the stated standard error, around %i', (count) => {
    const errors = Array.from(
      { length: 200 },
      (_, i) => estimateDistinct(sketchOf(i * count, (i + 1) * count)) / count - 1,
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);

    expect(Math.abs(mean)).toBeLessThan(0.01 + (3 * 0.065) / Math.sqrt(200));
    expect(spread).toBeLessThan(0.065 * 1.3);
  });

  it('of a union counts common values once', () => {
    const union = sketchOf(0, 600);
    absorbDistinct(union, sketchOf(300, 1_000));

    expect(union).toEqual(sketchOf(0, 1_000));
  });

  it('merges only with one of as many registers', () => {
    expect(() => absorbDistinct(new Uint8Array(256), new Uint8Array(1_024))).toThrow('as many registers');
  });
});
