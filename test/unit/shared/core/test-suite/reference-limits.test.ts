import { describe, expect, it } from 'vitest';
import { type ReferenceLimits, referenceLimits } from '../../../../../shared/core/test-suite/reference-limits.ts';

/** mulberry32 */
const seeded = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const IDS = ['drifted-feature-share', 'prediction-drift', 'missing-share', 'out-of-range-share', 'schema-faults'];

/** One day: values that lean on each other, with heavy tails, shares that are mostly 0, and a count that is seldom 1. */
const drawDay = (random: () => number): Readonly<Record<string, number>> => {
  const common = -Math.log(1 - random());
  return {
    'drifted-feature-share': Math.min(1, 0.1 * common + 0.1 * random()),
    'prediction-drift': 0.02 * common - 0.02 * Math.log(1 - random()),
    'missing-share': random() < 0.1 ? 0.02 * random() : 0,
    'out-of-range-share': 0.001 * (1 - random()) ** -0.4,
    'schema-faults': random() < 0.01 ? 1 : 0,
  };
};

const daysOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `2001-01-${String(i + 1)}`);

const drawReference = (random: () => number, count: number) => {
  const drawn = Array.from({ length: count }, () => drawDay(random));
  return { days: daysOf(count), values: Object.fromEntries(IDS.map((id) => [id, drawn.map((day) => day[id] ?? 0)])) };
};

/** What has no limit no day exceeds. */
const atMostOf = (limit: ReturnType<ReferenceLimits['limits']['get']>): number =>
  limit === undefined || 'missing' in limit ? Number.POSITIVE_INFINITY : limit.atMost;

const passShareOf = (dayCount: number, repeats: number): { stated: number; realised: number } => {
  const random = seeded(dayCount);
  let stated = 0;
  let passed = 0;
  for (let i = 0; i < repeats; i += 1) {
    const { limits, cleanDays } = referenceLimits(drawReference(random, dayCount), IDS);
    stated = cleanDays.passShare ?? 0;
    const day = drawDay(random);
    if (IDS.every((id) => (day[id] ?? 0) <= atMostOf(limits.get(id)))) passed += 1;
  }
  return { stated, realised: passed / repeats };
};

describe('limits from the reference', () => {
  it.each([8, 28, 60])('let a day like %i days of the reference pass all tests at the stated rate', (dayCount) => {
    const { stated, realised } = passShareOf(dayCount, 400);

    // Three standard errors of 400 draws.
    expect(realised).toBeGreaterThan(stated - 3 * Math.sqrt((stated * (1 - stated)) / 400));
  });

  it('state 99 % as soon as there are days enough, and what so many days can say before', () => {
    const stated = (count: number) => referenceLimits(drawReference(seeded(1), count), IDS).cleanDays.passShare;

    expect(stated(120)).toBe(120 / 121);
    expect(stated(60)).toBe(60 / 61);
    expect(stated(8)).toBe(8 / 9);
  });

  it('are none with fewer than eight days, and say so', () => {
    const { limits, cleanDays } = referenceLimits(drawReference(seeded(1), 7), IDS);

    expect(limits.size).toBe(0);
    expect(cleanDays).toEqual({
      referenceDays: 7,
      statement: 'no condition was made from the reference: it has 7 days, 8 are needed',
    });
  });

  it('allow no count that the reference never had', () => {
    const values = { 'schema-faults': Array.from({ length: 30 }, () => 0) };

    expect(referenceLimits({ days: daysOf(30), values }, ['schema-faults']).limits.get('schema-faults')).toMatchObject({
      atMost: 0,
    });
  });

  it('leave out what the reference did not measure', () => {
    const { limits } = referenceLimits(drawReference(seeded(2), 30), ['prediction-drift', 'new-category-share']);

    expect([...limits.keys()]).toEqual(['prediction-drift']);
  });

  it('of a share are ones that a day can exceed, or none: another test may be far more uneven', () => {
    const share = Array.from({ length: 60 }, (_, i) => 0.3 + 0.01 * (i % 7));
    const atMostBeside = (largest: number) => {
      const other = Array.from({ length: 60 }, (_, i) => (i === 30 ? largest : 0.001 * (i % 2)));
      const values = { 'missing-share': share, 'prediction-drift': other };
      return atMostOf(referenceLimits({ days: daysOf(60), values }, Object.keys(values)).limits.get('missing-share'));
    };

    expect(atMostBeside(0.001)).toBeLessThan(0.5);
    expect(atMostBeside(0.3)).toBeLessThan(1);
    expect(atMostBeside(0.7)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are none of a share that some days of the reference have of all rows, and are not counted', () => {
    const values = {
      'missing-share': Array.from({ length: 60 }, (_, i) => (i < 50 ? 1 : 0)),
      'prediction-drift': Array.from({ length: 60 }, (_, i) => 0.01 * (i % 7)),
    };

    const { limits, cleanDays } = referenceLimits({ days: daysOf(60), values }, Object.keys(values));
    const alone = referenceLimits({ days: daysOf(60), values }, ['missing-share']);

    expect(limits.get('missing-share')).toEqual({
      missing: expect.stringMatching(
        /^the reference's 60 days measure 0.833 on average and 1 at most; .* no share exceeds 1$/,
      ),
    });
    expect(cleanDays.statement).toMatch(/passes all 1 conditions /);
    expect(alone.cleanDays).toEqual({
      referenceDays: 60,
      statement: 'no condition was made from the reference: its 60 days are too uneven',
    });
  });
});
