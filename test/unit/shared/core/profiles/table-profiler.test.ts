import { describe, expect, it } from 'vitest';
import {
  type ColumnData,
  createTableProfiler,
  estimateDistinct,
  mergeProfiles,
  type NumberProfile,
  type TableBins,
  type TableProfile,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';
import { sampleOf } from '../../../../../shared/core/profiles/quantile-sketch.ts';
import { histogram } from '../../../../../shared/core/statistics/histogram.ts';
import { binsOf, type DrawnTable, drawTable } from '../../../../helpers/drawn-table.ts';
import { fc } from '../../../../helpers/properties.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';

const SHAPE = { rowCount: 9_000, numbers: 8, categories: 2 };
const reference = drawTable(SHAPE, { seed: 1 });
const bins = binsOf(reference);

const profileOf = ({ columns, rowCount }: DrawnTable, by: TableBins = bins): TableProfile => {
  const profiler = createTableProfiler(by);
  profiler.foldColumns(columns, rowCount);
  return profiler.profile();
};

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

const BINS = tableBins([
  { name: 'age', type: 'number', edges: [30, 50], min: 0, max: 120 },
  { name: 'city', type: 'category', categories: ['Oslo', 'Rome'] },
]);

describe('a table profile', () => {
  const profile = profileOf(reference);

  it('counts each number in its bin, exactly, and knows its moments', () => {
    for (const column of profile.columns.filter((one): one is NumberProfile => one.type === 'number')) {
      const binned = bins.columns.find(({ name }) => name === column.name);
      const values = reference.columns.get(column.name) as Float64Array;
      const known = values.filter((value) => !Number.isNaN(value));

      expect([...column.counts]).toEqual(histogram(binned?.type === 'number' ? binned.edges : [], known));
      expect(column.missingCount).toBe(values.length - known.length);
      expect(relativeError(column.moments.mean, sum(known) / known.length)).toBeLessThan(1e-9);
      expect([column.moments.minimum, column.moments.maximum]).toEqual([Math.min(...known), Math.max(...known)]);
      expect(sum(sampleOf(column.quantiles).weights)).toBe(known.length);
      const kinds = new Set(known).size;
      expect(Math.abs(estimateDistinct(column.distinct) / kinds - 1)).toBeLessThan(0.25);
    }
  });

  it('counts categories as texts and as dictionary codes alike', () => {
    const texts = ['Oslo', 'Rome', 'Oslo', null, '', 'Bern', undefined];
    const codes = Int8Array.of(0, 1, 0, -1, 2, 3, 99);
    const asTexts = createTableProfiler(BINS);
    asTexts.foldColumns(new Map([['city', texts]]), 7);
    const asCodes = createTableProfiler(BINS);
    asCodes.foldColumns(new Map([['city', { codes, dictionary: ['Oslo', 'Rome', '', 'Bern'] }]]), 7);

    expect(asTexts.profile()).toEqual(asCodes.profile());
    expect(asTexts.profile().columns[1]).toMatchObject({
      missingCount: 3,
      others: { total: 1, entries: [{ value: 'Bern', count: 1 }] },
    });
    expect(asTexts.profile().columns[1]?.counts).toEqual(Float64Array.of(2, 1, 1));
  });

  it('tells missing, infinite, mistyped, out of range and absent apart', () => {
    const profiler = createTableProfiler(BINS);
    profiler.foldColumns(new Map([['age', Float64Array.of(-1, 20, 30, 31, 121, Number.NaN, Infinity, -1e200)]]), 8);
    profiler.foldRows([
      { age: '44', city: 'Rome' },
      { age: null, city: '' },
      { age: 44, city: 7, extra: 1 },
    ]);
    profiler.foldColumns(
      new Map<string, ColumnData>([
        ['city', ['Oslo', 'Oslo']],
        ['age', ['x', '']],
      ]),
      2,
    );
    const { rowCount, columns, unexpected } = profiler.profile();

    expect(rowCount).toBe(13);
    expect(unexpected).toEqual(['extra']);
    expect(columns[0]).toMatchObject({
      absentCount: 0,
      missingCount: 3,
      mistypedCount: 2,
      notFiniteCount: 2,
      outOfRangeCount: 2,
    });
    expect(columns[0]?.counts).toEqual(Float64Array.of(3, 2, 1));
    expect(columns[1]).toMatchObject({ absentCount: 8, missingCount: 1 });
    expect(columns[1]?.counts).toEqual(Float64Array.of(2, 1, 1));
  });

  it('accounts for every row in every column', () => {
    for (const column of profileOf(drawTable({ rowCount: 500, numbers: 8, categories: 2 }, { seed: 2, shift: 1 }))
      .columns) {
      const elsewhere =
        column.type === 'number' ? column.notFiniteCount : column.others.total - (column.counts.at(-1) ?? 0);
      const { absentCount, missingCount, mistypedCount } = column;
      expect(sum(column.counts) + absentCount + missingCount + mistypedCount + elsewhere).toBe(500);
    }
  });

  it('of more other categories than it can list keeps the frequent ones', () => {
    const texts = Array.from({ length: 40_000 }, (_, row) => (row % 4 === 0 ? 'often' : `once-${row}`));
    const profiler = createTableProfiler(BINS);
    profiler.foldColumns(new Map([['city', texts]]), texts.length);
    const city = profiler.profile().columns[1];

    expect(city?.counts).toEqual(Float64Array.of(0, 0, 40_000));
    const others = city?.type === 'category' ? city.others : undefined;
    expect(others?.entries[0]?.value).toBe('often');
    expect((others?.entries[0]?.count ?? 0) + (others?.maxError ?? 0)).toBeGreaterThanOrEqual(10_000);
    expect(Math.abs(estimateDistinct(city?.distinct ?? new Uint8Array(0)) / 30_001 - 1)).toBeLessThan(0.25);
  });

  it('knows how many rows are different', () => {
    const once = drawTable({ rowCount: 3_000, numbers: 2, categories: 1 }, { seed: 3 });
    const by = binsOf(once);
    const profiler = createTableProfiler(by);
    profiler.foldColumns(once.columns, 3_000);
    profiler.foldColumns(once.columns, 3_000);

    expect(Math.abs(estimateDistinct(profiler.profile().distinctRows) / 3_000 - 1)).toBeLessThan(0.1);
  });

  it('refuses columns of unequal length', () => {
    expect(() => createTableProfiler(BINS).foldColumns(new Map([['age', Float64Array.of(1)]]), 2)).toThrow(
      'column age must have 2 values, got 1',
    );
    expect(() => createTableProfiler(BINS).foldColumns(new Map(), -1)).toThrow('whole number from 0, got -1');
  });
});

/** What no order may change. */
const exactOf = ({ rowCount, distinctRows, columns, unexpected }: TableProfile) => ({
  rowCount,
  distinctRows,
  unexpected,
  columns: columns.map(
    ({ name, absentCount, missingCount, mistypedCount, counts, distinct, fingerprint, ...rest }) => ({
      name,
      absentCount,
      missingCount,
      mistypedCount,
      counts,
      distinct,
      fingerprint,
      ...(rest.type === 'number'
        ? { least: rest.moments.minimum, most: rest.moments.maximum, count: rest.quantiles.count }
        : { others: rest.others.total }),
    }),
  ),
});

describe('profiles merge', () => {
  const drawn = fc
    .record({ seed: fc.nat(), rowCount: fc.integer({ min: 0, max: 600 }), shift: fc.constantFrom(0, 0.5) })
    .map(({ seed, rowCount, shift }) => profileOf(drawTable({ rowCount, numbers: 8, categories: 2 }, { seed, shift })));

  it('alike in either order and grouping', () => {
    fc.assert(
      fc.property(drawn, drawn, drawn, (a, b, c) => {
        expect(mergeProfiles(bins, [a, b])).toEqual(mergeProfiles(bins, [b, a]));
        const left = mergeProfiles(bins, [mergeProfiles(bins, [a, b]), c]);
        const right = mergeProfiles(bins, [a, mergeProfiles(bins, [b, c])]);
        expect(exactOf(left)).toEqual(exactOf(right));
        left.columns.forEach((column, i) => {
          const other = right.columns[i];
          if (column.type !== 'number' || other?.type !== 'number') return;
          expect(relativeError(column.moments.squares, other.moments.squares)).toBeLessThan(1e-9);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('to the counts of all rows folded at once', () => {
    const [a, b] = [drawTable(SHAPE, { seed: 4 }), drawTable(SHAPE, { seed: 5, shift: 0.3 })];
    const together = createTableProfiler(bins);
    together.foldColumns(a.columns, a.rowCount);
    together.foldColumns(b.columns, b.rowCount);

    const merged = mergeProfiles(bins, [profileOf(a), profileOf(b)]);

    expect(exactOf(merged)).toEqual(exactOf(together.profile()));
  });

  it('with an empty one to themselves', () => {
    const profile = profileOf(reference);

    expect(mergeProfiles(bins, [profile, mergeProfiles(bins, [])])).toEqual(profile);
  });

  it('only when counted by the same bins', () => {
    expect(() => mergeProfiles(BINS, [profileOf(reference)])).toThrow(`by bins ${BINS.id}, got one by ${bins.id}`);
  });
});
