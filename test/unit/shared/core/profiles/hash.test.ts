import { describe, expect, it } from 'vitest';
import { hashText, hashWords } from '../../../../../shared/core/profiles/hash.ts';

/** How evenly hashes fall on 256 places: χ² over its 255 degrees of freedom. */
const unevenness = (hashes: readonly number[], shift: number): number => {
  const counts = new Array<number>(256).fill(0);
  for (const hash of hashes) counts[(hash >>> shift) & 255] = (counts[(hash >>> shift) & 255] ?? 0) + 1;
  const expected = hashes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) / 255;
};

const words = (value: number): readonly [number, number] => {
  const [low = 0, high = 0] = new Int32Array(Float64Array.of(value).buffer);
  return [low, high];
};

describe('hashes', () => {
  const sets = {
    'whole numbers': Array.from({ length: 50_000 }, (_, i) => hashWords(...words(i))),
    fractions: Array.from({ length: 50_000 }, (_, i) => hashWords(...words(i / 1_000))),
    texts: Array.from({ length: 50_000 }, (_, i) => hashText(`user-${i}`)),
  };

  it.each(Object.entries(sets))('of %s are spread and seldom equal', (_, hashes) => {
    for (const shift of [0, 8, 16, 24]) expect(unevenness(hashes, shift)).toBeLessThan(1.35);
    expect(new Set(hashes).size).toBeGreaterThan(50_000 - 5);
  });

  it('of texts depend on length, order and seed', () => {
    const hashes = [hashText('ab'), hashText('ba'), hashText('ab\0'), hashText('ab', 1), hashText('')];

    expect(new Set(hashes).size).toBe(5);
  });
});
