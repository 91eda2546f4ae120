import { describe, expect, it } from 'vitest';
import {
  compareProfiles,
  createTableProfiler,
  type NumberBins,
  type TableProfile,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';
import { chiSquareHomogeneity } from '../../../../../shared/core/statistics/chi-square-homogeneity.ts';
import { histogram } from '../../../../../shared/core/statistics/histogram.ts';
import { jensenShannonDistance } from '../../../../../shared/core/statistics/jensen-shannon-distance.ts';
import {
  kolmogorovSmirnov,
  kolmogorovSmirnovPValue,
} from '../../../../../shared/core/statistics/kolmogorov-smirnov.ts';
import { populationStabilityIndex } from '../../../../../shared/core/statistics/population-stability-index.ts';
import { wassersteinDistance } from '../../../../../shared/core/statistics/wasserstein-distance.ts';
import { binsOf, type DrawnTable, drawTable } from '../../../../helpers/drawn-table.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';

const profileOf = ({ columns, rowCount }: DrawnTable, bins: ReturnType<typeof binsOf>): TableProfile => {
  const profiler = createTableProfiler(bins);
  profiler.foldColumns(columns, rowCount);
  return profiler.profile();
};

const known = (table: DrawnTable, name: string) => ({
  values: (table.columns.get(name) as Float64Array).filter((value) => !Number.isNaN(value)).sort(),
});

describe('two profiles compared', () => {
  const SHAPE = { rowCount: 20_000, numbers: 8, categories: 2 };
  const reference = drawTable(SHAPE, { seed: 1 });
  const current = drawTable({ ...SHAPE, rowCount: 12_000 }, { seed: 2, shift: 0.1, missingShare: 0.03 });
  const bins = binsOf(reference);
  const { columns } = compareProfiles(profileOf(reference, bins), profileOf(current, bins));

  it('have the PSI, Jensen–Shannon distance and χ² of their rows', () => {
    expect(columns).toHaveLength(10);
    for (const { name, psi, jensenShannon, chiSquare } of columns.filter(({ type }) => type === 'number')) {
      const { edges } = bins.columns.find((column) => column.name === name) as NumberBins;
      const [a, b] = [histogram(edges, known(reference, name).values), histogram(edges, known(current, name).values)];
      const missing = [reference, current].map(
        (table) => (table.columns.get(name) as Float64Array).filter(Number.isNaN).length,
      );

      expect(
        relativeError(psi, populationStabilityIndex([...a, missing[0] ?? 0], [...b, missing[1] ?? 0])),
      ).toBeLessThan(1e-12);
      expect(relativeError(jensenShannon, jensenShannonDistance(a, b))).toBeLessThan(1e-12);
      expect(relativeError(chiSquare.statistic, chiSquareHomogeneity(a, b).statistic)).toBeLessThan(1e-12);
      expect(chiSquare.pValue).toBe(chiSquareHomogeneity(a, b).pValue);
    }
  });

  it('have the distances of their rows within the stated bounds', () => {
    for (const { name, kolmogorovSmirnov: ks, wasserstein } of columns.filter(({ type }) => type === 'number')) {
      const [a, b] = [known(reference, name), known(current, name)];
      const exact = kolmogorovSmirnov(a, b);

      expect(ks?.low).toBeLessThanOrEqual(exact + 1e-12);
      expect(ks?.high).toBeGreaterThanOrEqual(exact - 1e-12);
      expect((ks?.high ?? 1) - (ks?.low ?? 0)).toBeLessThan(0.025);
      const counts = { countA: a.values.length, countB: b.values.length };
      expect(ks?.pValue).toBe(kolmogorovSmirnovPValue({ statistic: ks?.statistic ?? 0, ...counts }));
      expect(Math.abs((wasserstein?.distance ?? 0) - wassersteinDistance(a, b))).toBeLessThanOrEqual(
        (wasserstein?.errorBound ?? 0) + 1e-9,
      );
    }
  });

  it('of few rows are judged by tests, of many by distances', () => {
    const small = drawTable({ ...SHAPE, rowCount: 900 }, { seed: 3 });
    const by = binsOf(small);
    const [few] = compareProfiles(profileOf(small, by), profileOf(drawTable(SHAPE, { seed: 4 }), by)).columns;

    expect(few).toMatchObject({ measure: 'kolmogorov-smirnov', threshold: 0.05, drifted: false });
    expect(columns[0]).toMatchObject({ measure: 'wasserstein', threshold: 0.1 });
    expect(columns[9]).toMatchObject({ measure: 'jensen-shannon', threshold: 0.1, drifted: false });
  });

  it('find a planted shift and nothing in what did not change', () => {
    const shifted = compareProfiles(
      profileOf(reference, bins),
      profileOf(drawTable(SHAPE, { seed: 5, shift: 0.25 }), bins),
    );
    const same = compareProfiles(profileOf(reference, bins), profileOf(drawTable(SHAPE, { seed: 6 }), bins));

    expect(shifted.columns.filter(({ drifted }) => drifted).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['n0', 'n1', 'n2', 'n3', 'n4', 'n6']),
    );
    expect(same.columns.filter(({ drifted }) => drifted)).toEqual([]);
    expect(same.quality.filter(({ kind }) => kind !== 'beyond reference' && kind !== 'missing values')).toEqual([]);
  });

  it('leave out a column without values, and refuse other bins', () => {
    const other = tableBins([{ name: 'n', type: 'number', edges: [1] }]);
    const empty = createTableProfiler(other).profile();

    expect(compareProfiles(empty, empty)).toEqual({ referenceRows: 0, currentRows: 0, columns: [], quality: [] });
    expect(() => compareProfiles(empty, profileOf(current, bins))).toThrow('the same bins');
  });
});

describe('columns of two kinds', () => {
  const bins = tableBins([{ name: 'flag', type: 'category', categories: ['no', 'yes'] }]);
  const flags = (yes: number, count: number): TableProfile => {
    const profiler = createTableProfiler(bins);
    profiler.foldColumns(new Map([['flag', Array.from({ length: count }, (_, i) => (i < yes ? 'yes' : 'no'))]]), count);
    return profiler.profile();
  };

  it('are judged by the difference of their shares', () => {
    const [column] = compareProfiles(flags(200, 1_000), flags(260, 1_000)).columns;

    expect(column).toMatchObject({ measure: 'z-test', drifted: true });
    expect(column?.score).toBeCloseTo(0.001_432_29, 9);
  });
});
