import { describe, expect, it } from 'vitest';
import { type ShadowDay, shadowVerdict } from '../../../../../shared/core/deployment/index.ts';
import { DAY_MS, utcDay } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const FIRST = Date.UTC(2001, 1, 18);
const LIMITS = { minRows: 100, days: 28, labelDelayDays: 1 };

const dayOf = (index: number, meanDifference: number, change: Partial<ShadowDay> = {}): ShadowDay => ({
  model: 'toy',
  champion: 1,
  challenger: 2,
  day: utcDay(FIRST + index * DAY_MS),
  rowCount: 500,
  meanDifference,
  sumOfSquares: 1,
  championLoss: 0.5,
  challengerLoss: 0.5 + meanDifference,
  computedAtMs: FIRST + (index + 2) * DAY_MS,
  ...change,
});
const daysOf = (differences: readonly number[]): readonly ShadowDay[] => differences.map((one, i) => dayOf(i, one));

describe('paired shadow scoring', () => {
  it('finds a challenger better after eight better days, by the day that decided and its confidence sequence', () => {
    const differences = [-0.5, -0.9, -0.4, -0.2, -0.7, -0.3, -0.8, -0.6, 0.1, 0.1];

    const verdict = shadowVerdict(daysOf(differences), LIMITS);

    expect(verdict).toMatchObject({
      decision: 'better',
      decidedBy: { day: '2001-02-25', atMs: FIRST + 9 * DAY_MS },
      dayCount: 10,
      betterDayCount: 8,
    });
    expect(verdict.reason).toBe(
      'better on 8 of 8 days through 2001-02-25: the median day’s loss differs by -0.9 to -0.2, the mean by -0.55',
    );
    expect(verdict.rows[6]).toEqual({ day: '2001-02-24', rowCount: 500, meanDifference: -0.8 });
    expect(verdict.rows[7]).toMatchObject({ lower: -0.9, upper: -0.2 });
  });

  it('finds a challenger worse as soon, with the signs turned', () => {
    const verdict = shadowVerdict(daysOf(new Array(8).fill(0.01)), LIMITS);

    expect(verdict).toMatchObject({ decision: 'worse', decidedBy: { day: '2001-02-25' }, betterDayCount: 0 });
  });

  it('takes days in their order, however they are listed', () => {
    const days = daysOf([-1, -1, -1, -1, -1, -1, -1, -1, 1, 1, 1]);

    expect(shadowVerdict(days.toReversed(), LIMITS)).toEqual(shadowVerdict(days, LIMITS));
  });

  it.each([
    ['before any day is compared', [], 'no day is compared yet: a day is, 1 days after its end'],
    [
      'after seven better days',
      new Array(7).fill(-1),
      'the challenger was better on 7 of 7 days: they may differ either way',
    ],
    [
      'when both were equal on all days',
      new Array(20).fill(0),
      'the challenger was better on 0 of 20 days: they may differ either way',
    ],
    [
      'after all its days',
      Array.from({ length: 30 }, (_, i) => (i % 2 ? 1 : -1)),
      'undecided after 28 days: the challenger was better on 14 of 28 days',
    ],
  ])('has not enough evidence %s', (_, differences: readonly number[], reason) => {
    expect(shadowVerdict(daysOf(differences), LIMITS)).toMatchObject({ decision: 'not enough evidence', reason });
  });

  it('does not count days with few labels, and says so where there are no others', () => {
    const few = Array.from({ length: 12 }, (_, i) => dayOf(i, -1, { rowCount: 99, scoredCount: 1_000 }));

    expect(shadowVerdict(few, LIMITS)).toMatchObject({
      decision: 'not enough evidence',
      dayCount: 0,
      reason: 'labels came in time for 1188 of 12000 predictions on 12 days, and a day counts from 100 on',
    });
  });

  it('does not call better what is better on most days and far worse on one', () => {
    const days = daysOf([...new Array(9).fill(-0.01), 1]);

    expect(shadowVerdict([days[9] as ShadowDay, ...days.slice(0, 9)], LIMITS).decision).toBe('better');
    expect(shadowVerdict(daysOf([1, ...new Array(20).fill(-0.01)]), LIMITS).decision).toBe('not enough evidence');
  });

  it('decides once: what comes later changes nothing but what is shown', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }), fc.nat(60), (all, cut) => {
        const limits = { ...LIMITS, days: 366 };
        const early = shadowVerdict(daysOf(all.slice(0, cut)), limits);
        const late = shadowVerdict(daysOf(all), limits);

        if (early.decision !== 'not enough evidence')
          expect(late).toMatchObject({ decision: early.decision, reason: early.reason });
      }),
    );
  });
});
