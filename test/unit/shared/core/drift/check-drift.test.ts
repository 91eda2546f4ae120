import { describe, expect, it } from 'vitest';
import { codeColumns } from '../../../../../shared/core/drift/component-codes.ts';
import {
  type CheckInput,
  calibrateDrift,
  checkDrift,
  type DayProfile,
  type DriftCheck,
  type DriftState,
} from '../../../../../shared/core/drift/index.ts';
import { scoreDay } from '../../../../../shared/core/drift/score-day.ts';
import {
  createTableProfiler,
  makeTableBins,
  type TableBins,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';
import { createWorld, type Plant } from '../../../../simulate/null-year/world.ts';

const REFERENCE_DAYS = 28;
const world = createWorld('check', { kind: 'independent', numbers: 4, categories: 1, dayCount: 90 });
const bins = world.bins.inputs;
const reference = Array.from({ length: REFERENCE_DAYS }, (_, index) => world.drawDay(index).inputs);
const calibration = calibrateDrift({ bins, days: reference, blockDays: 1 }, { virtualYears: 8 });

const dayAt = (index: number, plant?: Plant): DayProfile => world.drawDay(REFERENCE_DAYS + index, plant).inputs;

/** Checks days one by one. */
const checkEach = (days: readonly DayProfile[], settings?: CheckInput['settings']) => {
  let state: DriftState | undefined;
  const checks = days.map((day): DriftCheck => {
    const checked = checkDrift({ calibration, days: [day], state, settings });
    state = checked.state;
    return checked.check;
  });
  return { checks, state };
};

const SHIFT: Plant = { table: 'inputs', column: 'n1', shift: 0.5 };

describe('a check by a calibrated limit', () => {
  it('opens one episode for a shift that lasts, and ends it a window after the shift has left the means', () => {
    const days = Array.from({ length: 50 }, (_, i) => dayAt(i, i >= 5 && i < 15 ? SHIFT : undefined));

    const { checks } = checkEach(days);

    const opened = checks.filter(({ episode }) => episode?.opened);
    const ended = checks.filter(({ episode }) => episode?.ended);
    expect(opened.map(({ day }) => day)).toEqual([days[5]?.day]);
    expect(ended).toHaveLength(1);
    expect(checks.slice(5, 15).every(({ evidence, status }) => evidence >= 1 && status === 'above-limit')).toBe(true);
    expect(ended[0]?.episode?.since).toBe(days[5]?.day);
    expect(ended[0]?.episode?.quietDays).toBe(calibration.windowDays - 1);
  });

  it('names the column and the slice that changed, and how', () => {
    const plant: Plant = { ...SHIFT, shift: -1.5, slice: 1 };
    const { checks } = checkEach([0, 1, 2].map((i) => dayAt(i, plant)));

    const last = checks.at(-1);

    expect(last?.columns[0]?.name).toBe('n1');
    expect(last?.slices[0]?.name).toBe('seven-and-a-half');
    expect(last?.findings[0]).toMatchObject({ column: 'n1', slice: 'seven-and-a-half', change: 'level' });
    expect(last?.findings[0]?.effect).toBeLessThan(-0.5);
    expect(last?.columns.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 4);
  });

  it('names no column without an alarm', () => {
    const { checks } = checkEach([0, 1, 2].map((i) => dayAt(i)));

    expect(checks.every(({ status }) => status === 'within-limit')).toBe(true);
    expect(checks.flatMap(({ columns, slices }) => [...columns, ...slices])).toEqual([]);
    expect(checks.at(-1)?.findings.length).toBeGreaterThan(0);
  });

  it('raises no alarm for an effect below the smallest that matters, however sure it is', () => {
    const days = [0, 1, 2, 3].map((i) => dayAt(i, SHIFT));
    const lenient = calibrateDrift({ bins, days: reference, blockDays: 1 }, { smallestEffect: 1, virtualYears: 8 });

    const { check } = checkDrift({ calibration: lenient, days });

    expect(Math.abs(check.findings[0]?.statistic ?? 0)).toBeGreaterThan(lenient.limit ?? 0);
    expect(check.status).toBe('within-limit');
  });

  it('puts contributions in the order of importance where that is known', () => {
    const both = [0, 1].map((i) => {
      const [one, other] = [dayAt(i, SHIFT), dayAt(i, { ...SHIFT, column: 'n2', shift: 1 })];
      const at = bins.columns.findIndex(({ name }) => name === 'n2');
      const columns = one.profile.columns.map((column, k) =>
        k === at ? (other.profile.columns[k] ?? column) : column,
      );
      return { day: one.day, profile: { ...one.profile, columns } };
    });

    const alike = checkDrift({ calibration, days: both }).check;
    const weighted = checkDrift({ calibration, days: both, settings: { importance: { n1: 10, n2: 0.1 } } }).check;

    expect(alike.columns.map(({ name }) => name)).toEqual(['n2', 'n1']);
    expect(weighted.columns.map(({ name }) => name)).toEqual(['n1', 'n2']);
  });

  it('gives the same for a repeat, for a state that went through JSON, and for days taken at once', () => {
    const days = [0, 1, 2, 3, 4].map((i) => dayAt(i, i > 2 ? SHIFT : undefined));
    const before = checkEach(days.slice(0, 4)).state;
    const input = { calibration, days: days.slice(4) };

    const once = checkDrift({ ...input, state: before });

    expect(checkDrift({ ...input, state: before })).toEqual(once);
    expect(checkDrift({ ...input, state: JSON.parse(JSON.stringify(before)) })).toEqual(once);
    expect(checkDrift({ ...input, calibration: JSON.parse(JSON.stringify(calibration)), state: before })).toEqual(once);
    expect(checkDrift({ calibration, days }).state).toEqual(once.state);
    expect(checkDrift({ calibration, days, state: before })).toEqual(once);
  });

  it('begins anew after another calibration', () => {
    const { state } = checkEach([0, 1, 2].map((i) => dayAt(i, SHIFT)));
    const stale = { ...(state as DriftState), calibrationId: 'of the model before' };

    expect(checkDrift({ calibration, days: [dayAt(3)], state: stale })).toEqual(
      checkDrift({ calibration, days: [dayAt(3)] }),
    );
  });

  it('leaves out a day with hardly any rows, and keeps what it knows', () => {
    const { state } = checkEach([dayAt(0)]);
    const day = dayAt(1);
    const none = {
      ...day.profile,
      rowCount: 3,
      columns: day.profile.columns.map(({ counts }) => ({ counts: [3, ...Array.from(counts, () => 0).slice(1)] })),
    };

    const checked = checkDrift({ calibration, days: [{ day: day.day, profile: none }], state });

    expect(checked.check).toMatchObject({ status: 'not-enough-evidence', evidence: 0 });
    expect(checked.check.leftOut).toEqual([{ day: day.day, why: '3 rows of usually 960' }]);
    expect(checked.state.means).toEqual(state?.means);
  });

  it('does not depend on the order of columns', () => {
    const turned = tableBins([...bins.columns].reverse());
    const turn = (profile: DayProfile['profile']) => ({
      ...profile,
      binsId: turned.id,
      columns: [...profile.columns].reverse(),
    });
    const turnDay = ({ day, profile, slices = {} }: DayProfile): DayProfile => ({
      day,
      profile: turn(profile),
      slices: Object.fromEntries(Object.entries(slices).map(([name, table]) => [name, turn(table)])),
    });
    const other = calibrateDrift({ bins: turned, days: reference.map(turnDay), blockDays: 1 }, { virtualYears: 8 });
    const days = [0, 1].map((i) => dayAt(i, SHIFT));

    const [a, b] = [
      checkDrift({ calibration, days }).check,
      checkDrift({ calibration: other, days: days.map(turnDay) }).check,
    ];

    expect(other.limit).toBe(calibration.limit);
    expect(b.statistic).toBe(a.statistic);
    expect(b.columns).toEqual(a.columns);
  });

  it('refuses days out of order, days counted by other bins, no day, and a state that is not earlier', () => {
    const { state } = checkEach([dayAt(0)]);
    const other = { ...dayAt(1), profile: { ...dayAt(1).profile, binsId: 'other' } };

    expect(() => checkDrift({ calibration, days: [dayAt(1), dayAt(0)] })).toThrow(
      /days must ascend, got 2001-01-29 after/,
    );
    expect(() => checkDrift({ calibration, days: [other] })).toThrow(/by bins .* by other/);
    expect(() => checkDrift({ calibration, days: [] })).toThrow('at least one day');
    expect(() => checkDrift({ calibration, days: [dayAt(0)], state })).toThrow('must be of a day before 2001-01-29');
  });
});

describe('a unit or any other monotone change of both sides', () => {
  it('changes no score', () => {
    const rows = Array.from({ length: 4 }, (_, index) => world.drawRows(index));
    const scoresOf = (change: (value: number) => number) => {
      const changed = rows.map((day) =>
        day.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, cell]) => [name, typeof cell === 'number' ? change(cell) : cell]),
          ),
        ),
      );
      const first = changed[0] ?? [];
      const column = (name: string) => Float64Array.from(first, (row) => Number(row[name] ?? Number.NaN));
      const own: TableBins = makeTableBins(
        ['n1', 'n2'].map((name) => ({ name, type: 'number' })),
        new Map(['n1', 'n2'].map((name) => [name, column(name)])),
        { rowCount: first.length },
      );
      const profiles = changed.map((day) => {
        const profiler = createTableProfiler(own);
        profiler.foldRows(day);
        return profiler.profile();
      });
      const codes = codeColumns(own, profiles[0] ?? { binsId: '', rowCount: 0, columns: [] });
      return profiles.map((profile) => [...scoreDay(codes, profile).scores]);
    };

    expect(scoresOf((value) => Math.exp(value) * 2.54)).toEqual(scoresOf((value) => value));
  });
});

describe('a check by the floor rule', () => {
  const few = calibrateDrift({ bins, days: reference.slice(0, 7), blockDays: 1 });
  const moved: Plant = { table: 'inputs', column: '@prediction', shift: 1 };

  it('says that its limit is not calibrated', () => {
    expect(few).toMatchObject({ calibrated: false, blockCount: 7, tails: [] });
    expect(few.limit).toBeUndefined();
    expect(few.statement).toBe('limit not calibrated: the reference has 7 blocks of 1 days, at least 8 are needed');
  });

  it('alarms on the second check in a row with a PSI of the prediction above the limit', () => {
    const days = Array.from({ length: 9 }, (_, i) => dayAt(i, moved));
    const first = checkDrift({ calibration: few, days: days.slice(0, 7) });
    const second = checkDrift({ calibration: few, days: days.slice(1, 8), state: first.state });
    const third = checkDrift({ calibration: few, days: days.slice(2, 9), state: second.state });

    expect(first.check).toMatchObject({ calibrated: false, status: 'above-limit', limit: 0.2 });
    expect(first.check.evidence).toBeCloseTo((first.check.statistic ?? 0) / 0.2, 4);
    expect(first.check.episode).toBeUndefined();
    expect(second.check.episode).toMatchObject({ opened: true, since: days[7]?.day });
    expect(third.check.episode).toMatchObject({ opened: false, since: days[7]?.day });
  });

  it('decides nothing with too few days or rows, and says so', () => {
    const days = Array.from({ length: 4 }, (_, i) => dayAt(i, moved));

    expect(checkDrift({ calibration: few, days }).check).toMatchObject({
      status: 'not-enough-evidence',
      evidence: 0,
      reason: 'not enough evidence yet: rows on 4 days of at least 5',
    });
    expect(checkDrift({ calibration: few, days, settings: { floor: { minRows: 10_000 } } }).check.reason).toBe(
      'not enough evidence yet: 3840 rows of at least 10000',
    );
    expect(checkDrift({ calibration: few, days, settings: { floor: { column: 'none' } } }).check.reason).toBe(
      'the reference has no column none',
    );
  });
});
