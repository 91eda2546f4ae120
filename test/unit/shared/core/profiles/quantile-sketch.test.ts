import { describe, expect, it } from 'vitest';
import { createQuantileAccumulator, shrinkSketch } from '../../../../../shared/core/profiles/quantile-accumulator.ts';
import {
  emptyQuantileSketch,
  type QuantileSketch,
  quantilesOf,
  rankErrorBound,
  sampleOf,
} from '../../../../../shared/core/profiles/quantile-sketch.ts';
import { kolmogorovSmirnov } from '../../../../../shared/core/statistics/kolmogorov-smirnov.ts';
import { createDraws, drawNumbers } from '../../../../helpers/drawn-columns.ts';
import { fc } from '../../../../helpers/properties.ts';

const sketchOf = (values: Float64Array, size: number, piece = 4_096): QuantileSketch => {
  const accumulator = createQuantileAccumulator(size);
  for (let from = 0; from < values.length; from += piece) {
    const run = values.slice(from, from + piece).sort();
    accumulator.addSorted(run, run.length);
  }
  return accumulator.sketch();
};

const merge = (sketches: readonly QuantileSketch[], size = 8): QuantileSketch => {
  const accumulator = createQuantileAccumulator(size);
  for (const sketch of sketches) accumulator.absorb(sketch);
  return accumulator.sketch();
};

const rankErrorOf = (sketch: QuantileSketch, values: Float64Array): number =>
  kolmogorovSmirnov(sampleOf(sketch), { values: values.slice().sort() });

const weightOf = (sketch: QuantileSketch): number => sampleOf(sketch).weights.reduce((sum, one) => sum + one, 0);

const columns = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 1, max: 1_500 }),
    shape: fc.nat(7),
    size: fc.integer({ min: 8, max: 64 }),
    piece: fc.integer({ min: 1, max: 700 }),
  })
  .map(({ seed, count, shape, size, piece }) => {
    const values = drawNumbers(createDraws(seed), { count, shape }).map((value) => value + 0);
    return { values, sketch: sketchOf(values, size, piece) };
  });

describe('a quantile sketch', () => {
  it('holds every row while they are few', () => {
    const sketch = sketchOf(Float64Array.of(3, 1, 2), 8);

    expect(sampleOf(sketch)).toEqual({ values: Float64Array.of(1, 2, 3), weights: Float64Array.of(1, 1, 1) });
    expect(rankErrorBound(sketch)).toBe(0);
    expect(quantilesOf(sketch, [0, 0.5, 1])).toEqual([1, 2, 3]);
    expect(quantilesOf(emptyQuantileSketch(8), [0.5])).toBeUndefined();
  });

  it('stands for every row, within bounded memory, and no rank is off by more than its worst case', () => {
    fc.assert(
      fc.property(columns, ({ values, sketch }) => {
        expect(weightOf(sketch)).toBe(values.length);
        expect(sampleOf(sketch).values.length).toBeLessThanOrEqual(3 * sketch.size + 8 * sketch.levels.length + 8);
        expect(rankErrorOf(sketch, values) * values.length).toBeLessThanOrEqual(sketch.maxError + 1e-6);
      }),
    );
  });

  it('merges alike in either order, into one that keeps the worst case', () => {
    fc.assert(
      fc.property(columns, columns, columns, (a, b, c) => {
        const merged = merge([a.sketch, b.sketch]);
        const values = Float64Array.of(...a.values, ...b.values, ...c.values);

        expect(merge([a.sketch])).toEqual(a.sketch);
        expect(merge([b.sketch, a.sketch])).toEqual(merged);
        for (const all of [merge([merged, c.sketch]), merge([a.sketch, merge([b.sketch, c.sketch])])]) {
          expect(weightOf(all)).toBe(values.length);
          expect(rankErrorOf(all, values) * values.length).toBeLessThanOrEqual(all.maxError + 1e-6);
        }
      }),
    );
  });

  it('shrinks to a smaller one of the same rows', () => {
    const values = drawNumbers(createDraws(5), { count: 20_000, shape: 1 });
    const sketch = sketchOf(values, 256);

    const small = shrinkSketch(sketch, 32);

    expect(sampleOf(small).values.length).toBeLessThan(sampleOf(sketch).values.length / 3);
    expect(weightOf(small)).toBe(20_000);
    expect(rankErrorOf(small, values)).toBeLessThan(rankErrorBound(small));
    expect(shrinkSketch(small, 64)).toBe(small);
  });

  it('knows ranks within 1 % after 200,000 rows', { timeout: 20_000 }, () => {
    const sketch = sketchOf(drawNumbers(createDraws(6), { count: 200_000, shape: 0 }), 256);

    expect(rankErrorBound(sketch)).toBeLessThan(0.0125);
  });

  it('bounds the Kolmogorov–Smirnov distance in 98 % of 1,000 cases or more', { timeout: 60_000 }, () => {
    const draw = createDraws(2_001);
    let inside = 0;
    let widest = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const [countA, countB] = [150 + Math.floor(draw() * 1_200), 150 + Math.floor(draw() * 1_200)];
      const shift = draw() < 0.5 ? 0 : draw() * 0.3;
      const a = drawNumbers(draw, { count: countA, shape: i });
      const b = drawNumbers(draw, { count: countB, shape: i, shift });
      const size = 8 + Math.floor(draw() * 24);
      const [sketchA, sketchB] = [sketchOf(a, size, 90), sketchOf(b, size, 400)];
      const exact = kolmogorovSmirnov({ values: a.sort() }, { values: b.sort() });
      const bound = rankErrorBound(sketchA) + rankErrorBound(sketchB);
      const found = kolmogorovSmirnov(sampleOf(sketchA), sampleOf(sketchB));
      widest = Math.max(widest, bound);
      if (Math.abs(found - exact) <= bound) inside += 1;
    }

    expect(inside).toBeGreaterThanOrEqual(980);
    expect(widest).toBeLessThan(0.6);
  });

  it('refuses a size beyond its limits', () => {
    expect(() => createQuantileAccumulator(7)).toThrow('[8, 4096], got 7');
  });
});
