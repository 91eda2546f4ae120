import { describe, expect, it } from 'vitest';
import {
  numberTicks,
  rangeOf,
  shortNumber,
  timeAxisName,
  timeTicks,
} from '../../../../../shared/core/reports/chart-scales.ts';
import { DAY_MS, HOUR_MS } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

describe('a scale', () => {
  it('holds every finite value with room around it, also where they are all the same or there are none', () => {
    expect(rangeOf([1, 3, Number.NaN, Number.POSITIVE_INFINITY])).toEqual([0.9, 3.1]);
    expect(rangeOf([2, 2])).toEqual([1.9, 2.1]);
    expect(rangeOf([])).toEqual([0, 1]);
  });

  it('has from two to ten rounded numbers at its axis, all inside, for any range', () => {
    const range = fc
      .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-6, max: 1e6, noNaN: true }))
      .map(([low, width]) => [low, low + width] as const)
      // Narrower than this against its distance from 0, doubles have no steps to be rounded to.
      .filter(([low, high]) => high - low > Math.abs(low) * 1e-9);
    fc.assert(
      fc.property(range, ([low, high]) => {
        const ticks = numberTicks([low, high]);

        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(10);
        const slack = (high - low) * 1e-6;
        for (const { at } of ticks) expect(at >= low - slack && at <= high + slack).toBe(true);
      }),
    );
  });

  it('writes numbers with a true minus and without the crumbs of binary fractions', () => {
    expect(numberTicks([-0.25, 0.31]).map(({ text }) => text)).toEqual(['−0.2', '0', '0.2']);
    expect(shortNumber(-0.000123456)).toBe('−0.000123');
  });
});

describe('a time axis', () => {
  it('has full hours of a day, and days of many', () => {
    const hours = [NOON - 5 * 60_000, NOON + 4 * HOUR_MS] as const;
    const days = [NOON, NOON + 12 * DAY_MS] as const;

    expect(timeTicks(hours).map(({ text }) => text)).toEqual(['12:00', '14:00', '16:00']);
    expect(timeAxisName(hours)).toBe('hour, UTC, from 2026-11-20');
    expect(timeTicks(days).map(({ text }) => text)).toEqual(['11-21', '11-24', '11-27', '11-30']);
    expect(timeTicks([NOON, NOON + 900 * DAY_MS]).every(({ text }) => /^\d{4}-\d{2}$/.test(text))).toBe(true);
  });

  it('has one to five instants inside any span of a minute to ten years', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 3_650 * DAY_MS }), fc.integer({ min: 0, max: NOON }), (span, from) => {
        const ticks = timeTicks([from, from + span]);

        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(5);
        for (const { at } of ticks) expect(at >= from && at <= from + span).toBe(true);
      }),
    );
  });
});
