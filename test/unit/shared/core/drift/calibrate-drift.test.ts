import { describe, expect, it } from 'vitest';
import { calibrateDrift, type DayProfile } from '../../../../../shared/core/drift/index.ts';
import { createWorld } from '../../../../simulate/null-year/world.ts';

const FAST = { virtualYears: 12 } as const;
const SHAPE = { numbers: 3, categories: 1, dayCount: 56 } as const;
const calm = createWorld('calibrate', { ...SHAPE, kind: 'independent' });
const seasonal = createWorld('calibrate', { ...SHAPE, kind: 'days' });
const daysOf = (world: typeof calm, count: number): readonly DayProfile[] =>
  Array.from({ length: count }, (_, index) => world.drawDay(index).inputs);
const calmDays = daysOf(calm, 56);
const seasonalDays = daysOf(seasonal, 56);
const bins = calm.bins.inputs;

describe('a calibration', () => {
  const made = calibrateDrift({ bins, days: calmDays, blockDays: 1 }, FAST);

  it('is the same for the same days in any order, and goes through JSON', () => {
    const again = calibrateDrift({ bins, days: [...calmDays].reverse(), blockDays: 1 }, FAST);

    expect(again).toEqual(made);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  it('expects fewer episodes than are allowed, and sets a higher limit the fewer are', () => {
    const strict = calibrateDrift({ bins, days: calmDays, blockDays: 1 }, { ...FAST, falseAlarmsPerYear: 0.1 });

    expect(made.expectedEpisodesPerYear).toBeLessThanOrEqual(0.3);
    expect(strict.limit).toBeGreaterThan(made.limit ?? Number.POSITIVE_INFINITY);
  });

  it('has a table of tails that rises, for each span', () => {
    expect(made.tails).toHaveLength(3);
    for (const table of made.tails) {
      expect(table.length).toBeGreaterThan(6);
      table.slice(1).forEach((entry, i) => {
        expect(entry).toBeGreaterThanOrEqual(table[i] ?? 0);
      });
    }
  });

  it('keeps nothing but drawn rows as noise where days are alike, and the variance of days where they are not', () => {
    const shifting = calibrateDrift({ bins: seasonal.bins.inputs, days: seasonalDays, blockDays: 1 }, FAST);
    const levelOf = ({ slices }: typeof made) => slices[0]?.components[0];

    expect(levelOf(made)?.dayVariance).toBeLessThan(0.001);
    // A standard deviation of 0.1 to 0.3 was drawn.
    expect(Math.sqrt(levelOf(shifting)?.dayVariance ?? 0)).toBeGreaterThan(0.08);
    expect(Math.sqrt(levelOf(shifting)?.dayVariance ?? 0)).toBeLessThan(0.4);
    expect(levelOf(shifting)?.means).toHaveLength(7);
  });

  it('has one mean for all days where weekdays came fewer than four times', () => {
    const short = calibrateDrift({ bins, days: calmDays.slice(0, 27), blockDays: 1 }, FAST);

    expect(short.calibrated).toBe(true);
    expect(short.slices[0]?.components[0]?.means).toHaveLength(1);
  });

  it('is none with fewer than eight blocks of the declared days', () => {
    expect(calibrateDrift({ bins, days: calmDays, blockDays: 7 }, FAST).calibrated).toBe(true);
    expect(calibrateDrift({ bins, days: calmDays.slice(0, 55), blockDays: 7 }, FAST)).toMatchObject({
      calibrated: false,
      blockCount: 7,
      slices: [{ name: 'all' }, {}, {}, {}, {}],
    });
  });

  it('leaves out a slice with rows on fewer than half of the days', () => {
    const days = calmDays.map(({ day, profile, slices = {} }, i) => {
      const { ten, ...others } = slices;
      return { day, profile, slices: i % 3 === 0 && ten !== undefined ? { ...others, ten } : others };
    });

    const { slices } = calibrateDrift({ bins, days: days.slice(0, 7), blockDays: 1 }, FAST);

    expect(slices.map(({ name }) => name)).toEqual(['all', 'five', 'seven-and-a-half', 'twenty']);
  });

  it('refuses a day twice, other bins, a slice called all, no days, and settings out of range', () => {
    const [first] = calmDays;
    if (first === undefined) throw new Error('there are days');
    const days = (...of: readonly DayProfile[]) => ({ bins, days: of, blockDays: 1 });

    expect(() => calibrateDrift(days(first, first))).toThrow('each day once, got 2001-01-01 twice');
    expect(() => calibrateDrift(days({ ...first, profile: { ...first.profile, binsId: 'x' } }))).toThrow(
      '2001-01-01 by x',
    );
    expect(() => calibrateDrift(days({ ...first, slices: { all: first.profile } }))).toThrow('must not be called all');
    expect(() => calibrateDrift(days())).toThrow('at least one day');
    expect(() => calibrateDrift({ ...days(first), blockDays: 0 }, FAST)).toThrow(
      'block days must be a whole number from 1',
    );
    expect(() => calibrateDrift(days(first), { falseAlarmsPerYear: 0 })).toThrow('false alarms per year must be in');
    expect(() => calibrateDrift(days({ ...first, day: 'monday' }))).toThrow('a day must be YYYY-MM-DD, got "monday"');
  });
});
