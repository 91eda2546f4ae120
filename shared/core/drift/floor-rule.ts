import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { addTables } from './counted-table.ts';
import type { DriftCalibration } from './drift-calibration.ts';
import type { DayProfile } from './drift-reference.ts';

export interface FloorFound {
  /** Absent without enough evidence. */
  readonly psi?: number;
  readonly why?: string;
}

/** Days with rows that a window needs: five in seven, which allows for a weekend without traffic. */
const leastDays = (windowDays: number): number => Math.ceil((windowDays * 5) / 7);

/** The PSI of a column over the window that ends with the checked day, or why there is none. */
export const floorPsi = (
  { columns, referenceCounts, windowDays }: DriftCalibration,
  days: readonly DayProfile[],
  { column, minRows }: { readonly column: string; readonly minRows: number },
): FloorFound => {
  const window = addTables(days.map(({ profile }) => profile));
  const dayCount = days.filter(({ profile }) => profile.rowCount > 0).length;
  const expected = referenceCounts[column];
  const counts = window.columns[columns.findIndex(({ name }) => name === column)]?.counts;
  if (expected === undefined || counts === undefined) return { why: `the reference has no column ${column}` };
  if (window.rowCount < minRows)
    return { why: `not enough evidence yet: ${window.rowCount} rows of at least ${minRows}` };
  if (dayCount < leastDays(windowDays))
    return { why: `not enough evidence yet: rows on ${dayCount} days of at least ${leastDays(windowDays)}` };
  return { psi: populationStabilityIndex(expected, Array.from(counts)) };
};
