import { describe, expect, it } from 'vitest';
import { shortestFloat16, shortestFloat32 } from '../../../../../shared/core/inference/shortest-decimal.ts';
import { fc } from '../../../../helpers/properties.ts';

const digitsOf = (value: number): number =>
  value
    .toExponential()
    .replace(/e.*|[-.]/g, '')
    .replace(/0+$/, '').length;

/** The fewest digits that name a float32, found by trying each count. */
const fewestDigits = (value: number): number => {
  for (let digits = 1; ; digits += 1) {
    if (Math.fround(Number(value.toPrecision(digits))) === value) return digits;
  }
};

const finiteFloat32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('shortestFloat32', () => {
  it.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [16_777_216, '16777216'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1e-45'],
    [-0.7, '-0.7'],
    [1e-7, '1e-7'],
    [0, '0'],
  ])('prints the float32 of %d as %s', (value, printed) => {
    expect(String(shortestFloat32(Math.fround(value)))).toBe(printed);
  });

  it('names every float32, with no more digits than it takes', () => {
    fc.assert(
      fc.property(
        finiteFloat32.filter((value) => value !== 0),
        (value) => {
          const shortest = shortestFloat32(value);

          expect(Math.fround(Number(String(shortest)))).toBe(value);
          // At a power of two the neighbours below are nearer, and the nearest short decimal may be theirs.
          const isPowerOfTwo = Number.isInteger(Math.log2(Math.abs(value)));
          expect(digitsOf(shortest)).toBeLessThanOrEqual(fewestDigits(value) + (isPowerOfTwo ? 1 : 0));
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('shortestFloat16', () => {
  it('names every float16', () => {
    const halves = new Float16Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer);

    const misnamed = [...halves].filter(
      (half) => Number.isFinite(half) && Math.f16round(Number(String(shortestFloat16(half)))) !== half && half !== 0,
    );

    expect(misnamed).toEqual([]);
    expect(shortestFloat16(Math.f16round(0.1))).toBe(0.1);
  });
});
