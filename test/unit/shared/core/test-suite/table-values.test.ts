import { describe, expect, it } from 'vitest';
import {
  createTableProfiler,
  makeTableBins,
  mergeProfiles,
  type TableProfile,
} from '../../../../../shared/core/profiles/index.ts';
import { measureReferenceDays } from '../../../../../shared/core/test-suite/reference-ranges.ts';
import { tableValues } from '../../../../../shared/core/test-suite/table-values.ts';

const ROWS = 400;
const FEATURES = [
  { name: 'distance', type: 'number' },
  { name: 'twin', type: 'number' },
  { name: 'carrier', type: 'category' },
  { name: 'weekday', type: 'category', monitor: 'whole-weeks' },
] as const;
const CARRIERS = ['AA', 'DL', 'WN'];

/** One day's rows; `change` alters a row. */
const rowsOf = (
  seed: number,
  change: (row: Record<string, number | string | null>, i: number) => object = (row) => row,
) =>
  Array.from({ length: ROWS }, (_, i) => {
    const u = ((i * 7_919 + seed * 104_729) % 9_973) / 9_973;
    const v = ((i * 6_101 + seed * 1_299_709) % 9_967) / 9_967;
    const row = {
      distance: 100 * u,
      twin: 50 * v,
      carrier: CARRIERS[i % 3] as string,
      weekday: 'Mon',
      '@prediction': u,
    };
    return change(row, i) as Record<string, number | string | null>;
  });

const bins = (() => {
  const rows = rowsOf(0);
  const column = (name: string) => rows.map((row) => row[name]);
  const numbers = (name: string) => Float64Array.from(column(name) as number[]);
  const columns = new Map<string, Float64Array | readonly string[]>([
    ['distance', numbers('distance')],
    ['twin', numbers('twin')],
    ['carrier', column('carrier') as string[]],
    ['weekday', column('weekday') as string[]],
    ['@prediction', numbers('@prediction')],
  ]);
  const declared = [
    { name: 'distance', type: 'number', min: 0, max: 100 },
    ...FEATURES.slice(1).map(({ name, type }) => ({ name, type })),
    { name: '@prediction', type: 'number' },
  ] as const;
  return makeTableBins(declared, columns, { rowCount: ROWS });
})();

const profileOf = (...args: Parameters<typeof rowsOf>): TableProfile => {
  const profiler = createTableProfiler(bins);
  profiler.foldRows(rowsOf(...args));
  return profiler.profile();
};

const reference = profileOf(0);
const measured = (current: TableProfile, id: string) => tableValues(reference, current, FEATURES).get(id);

describe('what a day measures beside the reference', () => {
  it('finds nothing on a day like it', () => {
    const values = tableValues(reference, profileOf(1), FEATURES);

    expect(values.get('drifted-feature-share')?.value).toBe(0);
    for (const check of ['schema-faults', 'constant-columns', 'duplicated-columns', 'missing-share']) {
      expect([check, values.get(check)?.value]).toEqual([check, 0]);
    }
  });

  it('counts drifted features, but no calendar, and names them', () => {
    const moved = profileOf(1, (row) => ({ ...row, distance: (row.distance as number) / 3, weekday: 'Tue' }));

    expect(measured(moved, 'drifted-feature-share')?.value).toBeCloseTo(1 / 3);
    expect(measured(moved, 'drifted-feature-share')?.detail[0]).toMatch(/^distance \(/);
    expect(measured(moved, 'feature-drift/column distance')?.value).toBeGreaterThan(0.2);
  });

  it('tells the worst column of missing, of values out of range and of new categories', () => {
    const bad = profileOf(1, (row, i) => ({
      ...row,
      twin: i % 10 === 0 ? null : row.twin,
      distance: i % 20 === 0 ? 500 : row.distance,
      carrier: i % 4 === 0 ? 'ZZ' : row.carrier,
    }));

    expect(measured(bad, 'missing-share')).toEqual({ value: 0.1, detail: ['twin 10 %'] });
    expect(measured(bad, 'out-of-range-share')).toEqual({ value: 0.05, detail: ['distance 5 %'] });
    expect(measured(bad, 'new-category-share')).toEqual({ value: 0.25, detail: ['carrier 25 %'] });
    expect(measured(bad, 'missing-share/column distance')?.value).toBe(0);
  });

  it('counts faults of the schema, constant and duplicated columns', () => {
    const broken = profileOf(1, ({ twin: _, ...row }) => ({ ...row, carrier: 'AA', odd: 1 }));
    const copied = profileOf(1, (row) => ({ ...row, twin: row.distance }));

    expect(measured(broken, 'schema-faults')?.value).toBe(2);
    expect(measured(broken, 'schema-faults')?.detail).toEqual(['twin: missing values', 'odd: unexpected column']);
    expect(measured(broken, 'constant-columns')?.detail).toEqual(['carrier: constant column']);
    expect(measured(copied, 'duplicated-columns')?.detail).toEqual(['twin: duplicated columns of distance']);
  });

  it('takes a column without a value for a fault unless it may be missing', () => {
    const empty = profileOf(1, (row) => ({ ...row, twin: null }));
    const nullable = FEATURES.map((feature) => ({ ...feature, nullable: feature.name === 'twin' }));

    expect(measured(empty, 'schema-faults')?.value).toBe(1);
    expect(tableValues(reference, empty, nullable).get('schema-faults')).toEqual({ value: 0, detail: [] });
    expect(tableValues(reference, empty, nullable).get('missing-share')?.value).toBe(1);
  });

  it('tells how many rows come again, and what the rows learnt from lead to expect', () => {
    const again = profileOf(1, (row, i) => (i < ROWS / 2 ? row : (rowsOf(1)[i - ROWS / 2] as object)));

    const { value = 0, interval: [low, high] = [0, 0], usual } = measured(again, 'duplicated-rows') ?? {};
    const calm = measured(profileOf(1), 'duplicated-rows');

    expect(value).toBeCloseTo(0.5, 1);
    expect([low < 0.5, low > 0.4, high > 0.5, high < 0.6]).toEqual([true, true, true, true]);
    expect(usual?.atMost).toBeLessThan(1 / 6);
    expect(usual?.basis).toContain('the 400 rows learnt from');
    expect(calm?.interval?.[0]).toBe(0);
  });

  it('measures nothing without rows', () => {
    expect(tableValues(reference, createTableProfiler(bins).profile(), FEATURES).size).toBe(0);
  });
});

describe('what the days of a reference measure', () => {
  const days = Array.from({ length: 9 }, (_, i) => ({
    day: `2001-01-0${9 - i}`,
    profile: profileOf(9 - i, (row) => (i === 0 ? { ...row, twin: (row.twin as number) + 40 } : row)),
  }));

  it('holds each day to all the others, in the order of days', () => {
    const ranges = measureReferenceDays({ bins, days }, FEATURES);

    expect(ranges.days).toEqual(days.map(({ day }) => day).toSorted());
    const drift = ranges.values['feature-drift/column twin'] ?? [];
    expect(drift).toHaveLength(9);
    // The last day was moved: it is far from the rest, and each of the rest is near the others.
    expect(drift.at(-1)).toBeGreaterThan(1);
    expect(Math.max(...drift.slice(0, -1))).toBeLessThan(0.3);
    const [moved, ...others] = days.map(({ profile }) => profile);
    const held = tableValues(mergeProfiles(bins, others), moved as TableProfile, FEATURES);
    expect(drift.at(-1)).toBe(held.get('feature-drift/column twin')?.value);
  });

  it('have no part in what is held to the whole of it', () => {
    const { values } = measureReferenceDays({ bins, days }, FEATURES);

    expect(Object.keys(values)).toContain('duplicated-columns');
    expect(Object.keys(values)).not.toContain('duplicated-rows');
  });

  it('says nothing of one day alone', () => {
    expect(measureReferenceDays({ bins, days: days.slice(0, 1) }, FEATURES).values).toEqual({});
  });
});
