import { expect, it } from 'vitest';
import { createSeededIds } from '../../../../../infra/local/simulation/seeded-ids.ts';
import { createSeededRandom, xoshiro128StarStar } from '../../../../../infra/local/simulation/seeded-random.ts';

it('gives the numbers of the reference implementation', () => {
  const next = xoshiro128StarStar([1, 2, 3, 4]);

  // Made with Blackman and Vigna's algorithm in Python's unbounded integers, masked to 32 bits.
  expect(Array.from({ length: 10 }, next)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

it('draws the same of one seed, and something else of another seed or label', () => {
  const draw = (seed: string, label = 'a'): number => createSeededRandom(seed).fork(label).next();

  expect(draw('7')).toBe(draw('7'));
  expect(draw('8')).not.toBe(draw('7'));
  expect(draw('7', 'b')).not.toBe(draw('7'));
});

it('spreads fractions over [0, 1) and bounded draws over their bound', () => {
  const random = createSeededRandom('spread');
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i += 1) tenths[Math.floor(random.fraction() * 10)]! += 1;
  const dice = new Array<number>(6).fill(0);
  for (let i = 0; i < 6_000; i += 1) dice[random.below(6)]! += 1;

  // Five standard deviations of a binomial count around its mean.
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  for (const count of dice) expect(Math.abs(count - 1_000)).toBeLessThan(145);
});

it('makes ids of the form that others rely on, each once', () => {
  const ids = createSeededIds(createSeededRandom('ids'));
  const uuids = Array.from({ length: 1_000 }, () => ids.uuid());

  for (const uuid of uuids)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(uuids).size).toBe(1_000);
  expect(ids.bytes(7)).toHaveLength(7);
});
