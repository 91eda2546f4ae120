import { describe, expect, it } from 'vitest';
import {
  ALL_TRAFFIC,
  type CapturedPrediction,
  decodeHours,
  encodeHours,
  foldPlan,
  mergeHoursByVersion,
  mergeWindow,
  PREDICTION_COLUMN,
  sharedDays,
} from '../../../../../shared/core/monitoring/index.ts';
import { tableBins } from '../../../../../shared/core/profiles/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../../shared/kernel/time.ts';
import { foldWindow, mergeObjects } from '../../../../helpers/folded-window.ts';

const FROM_MS = Date.parse('2001-02-10');
const DAYS = 3;
const plan = foldPlan(
  tableBins([
    { name: 'x', type: 'number', edges: [0.25, 0.5, 0.75] },
    { name: 'c', type: 'category', categories: ['a', 'b'] },
    { name: PREDICTION_COLUMN, type: 'number', edges: [0.25, 0.5, 0.75] },
  ]),
  [{ name: 'only-a', where: { feature: 'c', equals: 'a' } }],
);

/** 40 predictions a day; version 2 answers every third of the last two days, and other ones. */
const rowsOf = (day: number): readonly CapturedPrediction[] =>
  Array.from({ length: 40 }, (_, i) => {
    const version = day > 0 && i % 3 === 0 ? 2 : 1;
    const x = ((i * 7 + day) % 40) / 40;
    const atMs = FROM_MS + day * DAY_MS + (i % 24) * HOUR_MS;
    const inputs = { x, c: i % 2 === 0 ? 'a' : 'b' };
    return { predictionId: `p-${day}-${i}`, atMs, version, inputs, output: version === 1 ? x : x / 2 };
  });

const rows = Array.from({ length: DAYS }, (_, day) => rowsOf(day));
const merged = rows.map((lines, day) => mergeObjects(plan, utcDay(FROM_MS + day * DAY_MS), { object: lines }));
const window = { bins: plan.bins, fromMs: FROM_MS, toMs: FROM_MS + DAYS * DAY_MS };
const days = merged.map((day) => ({ ...day, sources: '' }));
/** As they come back from the stored hours. */
const shared = new Map(
  merged.slice(1).map((day) => {
    const { hours } = decodeHours(encodeHours(day), plan.bins, ALL_TRAFFIC);
    return [day.day, mergeHoursByVersion(plan.bins, hours)];
  }),
);

/** A day that version 2 answered all of. */
const alone = (day: number) => ({
  ...mergeObjects(plan, utcDay(FROM_MS + day * DAY_MS), {
    object: rowsOf(day).map((row) => ({ ...row, version: 2 })),
  }),
  sources: '',
});

describe('a window by the version that answered', () => {
  it('counts of each version what it answered, no more and no less', () => {
    const { byVersion, whole } = mergeWindow({ ...window, days, shared });

    expect(byVersion.map(({ version }) => version)).toEqual([1, 2]);
    for (const { version, profile } of byVersion) {
      const own = rows.flat().filter((row) => row.version === version);
      const alone = foldWindow(plan, { ...window, rows: own }).whole;
      expect(profile.rowCount).toBe(own.length);
      expect(profile.columns.map(({ counts }) => [...counts])).toEqual(alone.columns.map(({ counts }) => [...counts]));
    }
    expect(byVersion.reduce((sum, { profile }) => sum + profile.rowCount, 0)).toBe(whole.rowCount);
  });

  it('needs the hours of those days only that several versions answered', () => {
    expect(sharedDays(days)).toEqual(['2001-02-11', '2001-02-12']);
    const apart = mergeWindow({ ...window, toMs: FROM_MS + DAY_MS, days });
    expect(sharedDays(apart.days)).toEqual([]);
  });

  it('is nothing where one version answered all of it, and where hours are not at hand', () => {
    expect(mergeWindow({ ...window, toMs: FROM_MS + DAY_MS, days, shared }).byVersion).toEqual([]);
    expect(mergeWindow({ ...window, days: [days[1]!, alone(2)] }).byVersion).toEqual([]);
  });

  it('knows versions that followed one another by their days', () => {
    const { byVersion } = mergeWindow({ ...window, days: [days[0]!, alone(1)] });

    expect(byVersion.map(({ version, profile }) => [version, profile.rowCount])).toEqual([
      [1, 40],
      [2, 40],
    ]);
  });
});
