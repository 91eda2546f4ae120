import { measured } from './influence.ts';
import { countDays } from './measure-with-intervals.ts';
import type { KpiRow } from './performance-report.ts';
import type { DeclaredKpi } from './performance-settings.ts';
import { meanInfluence } from './row-metrics.ts';
import type { SettledDay, SettledRow } from './settled-day.ts';

interface Known {
  readonly dayIndex: number;
  readonly value: number;
}

const knownValues = (days: readonly SettledDay[], name: string, version: number): readonly Known[] =>
  days.flatMap(({ dayIndex, rows }) =>
    rows.flatMap((row: SettledRow): readonly Known[] => {
      const value = row.version === version ? row.settled.label?.kpis?.[name] : undefined;
      return value === undefined ? [] : [{ dayIndex, value }];
    }),
  );

const scaled = ({ value, lower, upper }: KpiRow['value'], by: number): KpiRow['value'] => ({
  value: value * by,
  ...(lower === undefined || upper === undefined ? {} : { lower: lower * by, upper: upper * by }),
});

/** What the predictions of each version came to in the business's own units, by what their labels said of it. */
export const kpiRows = (days: readonly SettledDay[], kpis: readonly DeclaredKpi[]): readonly KpiRow[] => {
  if (kpis.length === 0) return [];
  const versions = [...new Set(days.flatMap(({ rows }) => rows.map((row) => row.version)))].sort((a, b) => b - a);
  return kpis.flatMap(({ name, unit, aggregate }) =>
    versions.flatMap((version): readonly KpiRow[] => {
      const known = knownValues(days, name, version);
      const rowCount = known.length;
      if (rowCount === 0) return [];
      const dayIndices = known.map(({ dayIndex }) => dayIndex);
      const mean = meanInfluence(rowCount, (row) => known[row]?.value ?? Number.NaN);
      const value = measured(mean, { days: dayIndices, dayCount: countDays(dayIndices) });
      return [
        { name, unit, aggregate, version, rowCount, value: aggregate === 'sum' ? scaled(value, rowCount) : value },
      ];
    }),
  );
};
