import {
  compareProfiles,
  createTableProfiler,
  type TableBins,
  type TableProfile,
} from '../../../shared/core/profiles/index.ts';
import { chiSquareHomogeneity } from '../../../shared/core/statistics/chi-square-homogeneity.ts';
import { kolmogorovSmirnov, kolmogorovSmirnovPValue } from '../../../shared/core/statistics/kolmogorov-smirnov.ts';
import { binsOf, type DrawnTable, drawTable } from '../../helpers/drawn-table.ts';
import type { BenchRow } from '../bench-row.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';

const SHAPE = { rowCount: 100_000, numbers: 16, categories: 4 };

const profileOf = (bins: TableBins, { columns, rowCount }: DrawnTable): TableProfile => {
  const profiler = createTableProfiler(bins);
  profiler.foldColumns(columns, rowCount);
  return profiler.profile();
};

const sorted = (table: DrawnTable, name: string) => ({
  values: (table.columns.get(name) as Float64Array).filter((value) => !Number.isNaN(value)).sort(),
});

const countsOf = ({ columns }: DrawnTable, name: string): ReadonlyMap<string, number> => {
  const column = columns.get(name);
  const counts = new Map<string, number>();
  const add = (text: string | null | undefined): void => {
    if (text !== null && text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  };
  if (column === undefined || column instanceof Float64Array) return counts;
  if ('dictionary' in column) for (const code of column.codes) add(column.dictionary[code]);
  else for (const text of column) add(typeof text === 'number' ? undefined : text);
  return counts;
};

/** What SciPy's ks_2samp and chi2_contingency do of raw rows, in TypeScript. */
const compareRows = (reference: DrawnTable, current: DrawnTable): void => {
  for (const name of current.columns.keys()) {
    if (name.startsWith('n')) {
      const [a, b] = [sorted(reference, name), sorted(current, name)];
      const statistic = kolmogorovSmirnov(a, b);
      kolmogorovSmirnovPValue({ statistic, countA: a.values.length, countB: b.values.length });
    } else {
      const [a, b] = [countsOf(reference, name), countsOf(current, name)];
      const kinds = [...new Set([...a.keys(), ...b.keys()])];
      chiSquareHomogeneity(
        kinds.map((kind) => a.get(kind) ?? 0),
        kinds.map((kind) => b.get(kind) ?? 0),
      );
    }
  }
};

export const row: BenchRow = {
  name: 'monitoring/drift-100k-20',
  unit: 's CPU',
  betterIs: 'lower',
  baselineName: 'exact Kolmogorov–Smirnov (sorted) and χ² of the raw rows of both sides, and no other statistic',
  prepare: async () => {
    const reference = drawTable(SHAPE, { seed: 1 });
    const current = drawTable(SHAPE, { seed: 2, shift: 0.02 });
    const bins = binsOf(reference);
    const referenceProfile = profileOf(bins, reference);
    const compare = (): void => {
      compareProfiles(referenceProfile, profileOf(bins, current));
    };
    for (let i = 0; i < 3; i += 1) compare();
    return {
      value: async () => cpuSecondsOf(compare),
      baseline: async () => cpuSecondsOf(() => compareRows(reference, current)),
    };
  },
};
