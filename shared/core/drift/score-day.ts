import { angleOf } from './angle.ts';
import type { CountedTable } from './counted-table.ts';
import type { ColumnCodes, ComponentCode } from './drift-calibration.ts';
import { shiftOf } from './shift-curve.ts';

/** A day of one slice, component by component. */
export interface DayScores {
  /** Level and spread in the reference's standard deviations; shares as 2·asin√p. NaN without rows. */
  readonly scores: Float64Array;
  /** Rows that a score is of: drawing them gives it a variance of about 1 / rows. */
  readonly rows: Float64Array;
}

export const componentCountOf = (columns: readonly ColumnCodes[]): number =>
  columns.reduce((sum, { components }) => sum + components.length, 0);

const weighted = (weights: readonly number[], counts: ArrayLike<number>): number => {
  let sum = 0;
  for (let bin = 0; bin < weights.length; bin += 1) sum += (weights[bin] as number) * (counts[bin] ?? 0);
  return sum;
};

const totalOf = (counts: ArrayLike<number>): number => {
  let total = 0;
  for (let bin = 0; bin < counts.length; bin += 1) total += counts[bin] as number;
  return total;
};

const meanSquare = (weights: readonly number[], counts: ArrayLike<number>): number => {
  let sum = 0;
  for (let bin = 0; bin < weights.length; bin += 1) sum += (weights[bin] as number) ** 2 * (counts[bin] ?? 0);
  return sum;
};

const scoreOf = (
  { change, weights = [], curve, scale = 1 }: ComponentCode,
  counts: ArrayLike<number>,
  counted: number,
): number => {
  const sum = weighted(weights, counts);
  if (curve === undefined) return angleOf(sum, counted);
  const mean = sum / counted;
  const { shift, square } = shiftOf(curve, mean);
  // A shift alone moves squares too, the more the further it goes: that is no spread.
  return change === 'level' ? shift : (meanSquare(weights, counts) / counted - square) / scale;
};

/** What a day shows of each component. */
export const scoreDay = (columns: readonly ColumnCodes[], table: CountedTable): DayScores => {
  const count = componentCountOf(columns);
  const scores = new Float64Array(count).fill(Number.NaN);
  const rows = new Float64Array(count);
  let at = 0;
  columns.forEach(({ components }, i) => {
    const counts = table.columns[i]?.counts ?? [];
    const counted = totalOf(counts);
    for (const component of components) {
      const isMissing = component.change === 'missing';
      rows[at] = isMissing ? table.rowCount : counted;
      if ((rows[at] as number) > 0)
        scores[at] = isMissing
          ? angleOf(table.rowCount - counted, table.rowCount)
          : scoreOf(component, counts, counted);
      at += 1;
    }
  });
  return { scores, rows };
};
