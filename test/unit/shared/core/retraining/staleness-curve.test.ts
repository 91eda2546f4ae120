import { describe, expect, it } from 'vitest';
import { paysFromDays, stalenessCurve } from '../../../../../shared/core/retraining/staleness-curve.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';

/** A model that loses 0.01 more with every week of its age, on days of very different weather. */
const aged = (trainedOn: number) => ({
  throughMs: trainedOn * DAY_MS,
  days: Array.from({ length: 42 - trainedOn }, (_, i) => ({
    dayMs: (trainedOn + i) * DAY_MS,
    rowCount: 9,
    loss: 0.5 + 0.2 * Math.sin(trainedOn + i) + 0.01 * Math.floor(i / 7),
  })),
});

describe('stalenessCurve', () => {
  const points = stalenessCurve([0, 7, 14, 21, 28, 35].map(aged));

  it('tells age from weather: each week of age by what it adds over the freshest model of the same day', () => {
    expect(points.map(({ fromDays }) => fromDays)).toEqual([0, 7, 14, 21, 28, 35]);
    for (const [week, { addedLoss }] of points.entries()) expect(addedLoss).toBeCloseTo(0.01 * week, 12);
  });

  it('leaves out days whose freshest model is itself older than a week', () => {
    expect(stalenessCurve([aged(0), aged(28)]).map(({ fromDays }) => fromDays)).toEqual([0, 28]);
  });

  it('has an interval around each mean of two days or more', () => {
    for (const { lower = 1, upper = -1, addedLoss } of points) {
      expect(lower).toBeLessThanOrEqual(addedLoss + 1e-12);
      expect(upper).toBeGreaterThanOrEqual(addedLoss - 1e-12);
    }
  });
});

describe('paysFromDays', () => {
  const week = (at: number, addedLoss: number) => ({ fromDays: at * 7, toDays: at * 7 + 7, dayCount: 7, addedLoss });

  it('is the first day that costs more than a day has cost on average, the training included', () => {
    const points = [week(0, 0), week(1, 1), week(2, 2)];

    // Days 0 to 6 cost nothing, day 7 on 1 each: 1 × 11 > 10 + 4 never; at 2 a day, 2 × 14 > 10 + 7.
    expect(paysFromDays(points, { usdPerDayAndLoss: 1, costUsd: 10 })).toBe(14);
    expect(paysFromDays(points, { usdPerDayAndLoss: 1, costUsd: 6.5 })).toBe(7);
  });

  it('is undefined for a model that does not age, and where the training is dearer than all that age costs', () => {
    expect(paysFromDays([week(0, 0), week(1, -1)], { usdPerDayAndLoss: 1, costUsd: 1 })).toBeUndefined();
    expect(paysFromDays([week(0, 0), week(1, 1)], { usdPerDayAndLoss: 1, costUsd: 100 })).toBeUndefined();
  });
});
