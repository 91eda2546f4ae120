import type { CountedTable } from '../../../shared/core/drift/index.ts';
import { populationStabilityIndex } from '../../../shared/core/statistics/population-stability-index.ts';

/** What others watch by, on the same days: fixed limits that know of no day. */

const PSI_LIMIT = 0.1;
/** Two samples of n and m rows differ with p < 0.05 from c·√((n + m)/nm) on (Smirnov 1948). */
const SMIRNOV_C = 1.3581;

const totalOf = (counts: ArrayLike<number>): number => Array.from(counts).reduce((sum, count) => sum + count, 0);

/** At the bins' edges: the distance of the rows is at least this. */
const distanceOf = (reference: ArrayLike<number>, current: ArrayLike<number>): number => {
  const [n, m] = [totalOf(reference), totalOf(current)];
  let [a, b, largest] = [0, 0, 0];
  for (let bin = 0; bin < reference.length; bin += 1) {
    a += (reference[bin] ?? 0) / n;
    b += (current[bin] ?? 0) / m;
    largest = Math.max(largest, Math.abs(a - b));
  }
  return largest;
};

export interface RivalDay {
  /** Some column's PSI of the day is above 0.1. */
  readonly psi: boolean;
  /** Columns of numbers whose Kolmogorov–Smirnov test of the day has p < 0.05. */
  readonly ksCount: number;
}

export const watchByRivals = (reference: CountedTable, day: CountedTable, numberColumns: number): RivalDay => {
  const found = day.columns.map(({ counts }, i) => ({ expected: reference.columns[i]?.counts ?? [], counts }));
  const isFar = ({ expected, counts }: (typeof found)[number]): boolean => {
    const [n, m] = [totalOf(expected), totalOf(counts)];
    return distanceOf(expected, counts) >= SMIRNOV_C * Math.sqrt((n + m) / (n * m));
  };
  return {
    psi: found.some(
      ({ expected, counts }) => populationStabilityIndex(Array.from(expected), Array.from(counts)) > PSI_LIMIT,
    ),
    ksCount: found.slice(0, numberColumns).filter(isFar).length,
  };
};
