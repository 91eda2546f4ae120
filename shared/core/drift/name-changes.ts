import { tailProbability } from './choose-limit.ts';
import type { DriftCalibration } from './drift-calibration.ts';
import type { Contribution, DriftFinding } from './drift-check.ts';
import { rounded } from './rounded.ts';
import type { ComponentDay } from './running-means.ts';
import { spansOf } from './spans.ts';

const MOST_FINDINGS = 20;

/** The largest statistic among the changes that matter; 0 without one. */
export const largestStatistic = (components: readonly ComponentDay[], smallestEffect: number): number => {
  let largest = 0;
  for (const { statistics, effects } of components) {
    statistics.forEach((statistic, i) => {
      if (Math.abs(effects[i] as number) >= smallestEffect) largest = Math.max(largest, Math.abs(statistic));
    });
  }
  return largest;
};

type Change = DriftFinding & { readonly tests: number };

/** The strongest change of each column in each slice, with how many were looked at to find it. */
const strongestOf = (
  { tails, windowDays }: DriftCalibration,
  components: readonly ComponentDay[],
): readonly Change[] => {
  const spans = spansOf(windowDays);
  const found = new Map<string, Change>();
  for (const { slice, column, code, statistics, effects } of components) {
    statistics.forEach((statistic, i) => {
      const key = JSON.stringify([slice, column]);
      const standing = found.get(key);
      const tests = (standing?.tests ?? 0) + 1;
      const pValue = tailProbability(tails[i] ?? [], Math.abs(statistic));
      if (standing !== undefined && Math.abs(standing.statistic) >= Math.abs(statistic)) {
        found.set(key, { ...standing, tests });
        return;
      }
      found.set(key, {
        column,
        slice,
        change: code.change,
        ...(code.category === undefined ? {} : { category: code.category }),
        effect: effects[i] as number,
        spanDays: spans[i] as number,
        statistic,
        pValue,
        tests,
      });
    });
  }
  return [...found.values()].sort((a, b) => Math.abs(b.statistic) - Math.abs(a.statistic));
};

/** Benjamini & Yekutieli 2001: holds the rate however the p-values depend on each other. */
const namedBy = (pValues: ReadonlyMap<string, number>, rate: number): ReadonlySet<string> => {
  const sorted = [...pValues].sort(([, a], [, b]) => a - b);
  const harmonic = sorted.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
  let named = 0;
  sorted.forEach(([, pValue], i) => {
    if (pValue <= (rate * (i + 1)) / (sorted.length * harmonic)) named = i + 1;
  });
  return new Set(sorted.slice(0, named).map(([name]) => name));
};

const contributions = (evidence: ReadonlyMap<string, number>): readonly Contribution[] => {
  const sum = [...evidence.values()].reduce((total, one) => total + one, 0);
  return [...evidence]
    .map(([name, one]) => ({ name, share: rounded(sum === 0 ? 1 / evidence.size : one / sum) }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
};

export interface NamedChanges {
  readonly findings: readonly DriftFinding[];
  readonly columns: readonly Contribution[];
  readonly slices: readonly Contribution[];
}

const withoutTests = ({ tests: _, ...finding }: Change): DriftFinding => ({
  ...finding,
  effect: rounded(finding.effect),
  statistic: rounded(finding.statistic),
  pValue: rounded(finding.pValue),
});

/**
 * What changed, strongest first; and inside an alarm the columns that false-discovery control names, and the slices that
 * they changed in. A contribution is −ln of the p-value, by importance where that is known.
 */
export const nameChanges = (
  calibration: DriftCalibration,
  components: readonly ComponentDay[],
  {
    alarmed,
    falseDiscoveryRate,
    importance,
  }: {
    readonly alarmed: boolean;
    readonly falseDiscoveryRate: number;
    readonly importance?: Readonly<Record<string, number>> | undefined;
  },
): NamedChanges => {
  const changes = strongestOf(calibration, components);
  const findings = changes.slice(0, MOST_FINDINGS).map(withoutTests);
  if (!alarmed) return { findings, columns: [], slices: [] };
  const tests = new Map<string, number>();
  for (const { column, tests: looked } of changes) tests.set(column, (tests.get(column) ?? 0) + looked);
  const pValues = new Map<string, number>();
  for (const { column, pValue } of changes) {
    const corrected = Math.min(1, pValue * (tests.get(column) ?? 1));
    pValues.set(column, Math.min(pValues.get(column) ?? 1, corrected));
  }
  const named = namedBy(pValues, falseDiscoveryRate);
  const [byColumn, bySlice] = [new Map<string, number>(), new Map<string, number>()];
  for (const { column, slice, pValue } of changes) {
    if (!named.has(column)) continue;
    const corrected = Math.min(1, pValue * (tests.get(column) ?? 1));
    const evidence = -Math.log(Math.max(1e-300, corrected)) * (importance?.[column] ?? 1);
    byColumn.set(column, Math.max(byColumn.get(column) ?? 0, evidence));
    if (evidence > 0) bySlice.set(slice, (bySlice.get(slice) ?? 0) + evidence);
  }
  return { findings, columns: contributions(byColumn), slices: contributions(bySlice) };
};
