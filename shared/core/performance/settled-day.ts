import { DAY_MS, HOUR_MS, isoTime } from '../../kernel/time.ts';
import type { LabelledRows } from './measure-with-intervals.ts';
import type { OutcomeDay } from './outcome-book.ts';
import { type OutcomeRow, type SettledLabel, settleLabels } from './outcome-row.ts';
import type { LabelCorrection } from './performance-report.ts';

/** A prediction with what its labels come to at the time of the check. */
export interface SettledRow extends OutcomeRow {
  readonly settled: SettledLabel;
}

export interface SettledDay {
  readonly day: string;
  /** Whole days since 1970. */
  readonly dayIndex: number;
  readonly rows: readonly SettledRow[];
}

/** Labels count until so many days after the end of their prediction's day. */
export const closesAtMs = (day: string, horizonDays: number): number => Date.parse(day) + (1 + horizonDays) * DAY_MS;

export const settleDay = (
  { day, rows }: OutcomeDay,
  { asOfMs, horizonDays }: { readonly asOfMs: number; readonly horizonDays: number },
): SettledDay => {
  const window = { asOfMs, closesAtMs: closesAtMs(day, horizonDays) };
  return {
    day,
    dayIndex: Date.parse(day) / DAY_MS,
    rows: rows.map((row) => ({ ...row, settled: settleLabels(row.labels, window) })),
  };
};

export const isLabelled = ({ settled }: SettledRow): boolean => settled.label !== undefined;

/** The labelled rows among some days', in one order. */
export const labelledRows = (
  days: readonly SettledDay[],
  keeps: (row: SettledRow) => boolean = () => true,
): LabelledRows & { readonly rows: readonly SettledRow[] } => {
  const kept = days.flatMap(({ dayIndex, rows }) =>
    rows.filter((row) => isLabelled(row) && keeps(row)).map((row) => ({ dayIndex, row })),
  );
  return {
    rows: kept.map(({ row }) => row),
    labels: Float64Array.from(kept, ({ row }) => row.settled.label?.label ?? Number.NaN),
    predictions: Float64Array.from(kept, ({ row }) => row.output),
    days: Int32Array.from(kept, ({ dayIndex }) => dayIndex),
  };
};

/** One UTC hour of predictions: every label is in exactly one, that of its prediction. */
export interface LabelWindow {
  readonly window: string;
  readonly predictionCount: number;
  readonly labelledCount: number;
}

const hourOf = (atMs: number): string => isoTime(Math.floor(atMs / HOUR_MS) * HOUR_MS);

export const labelWindows = (days: readonly SettledDay[]): readonly LabelWindow[] =>
  [
    ...Map.groupBy(
      days.flatMap(({ rows }) => rows),
      ({ atMs }) => hourOf(atMs),
    ),
  ]
    .map(([window, rows]) => ({
      window,
      predictionCount: rows.length,
      labelledCount: rows.filter(isLabelled).length,
    }))
    .sort((a, b) => (a.window < b.window ? -1 : 1));

/** Every replaced label, newest receipt first. */
export const labelCorrections = (days: readonly SettledDay[]): readonly LabelCorrection[] =>
  days
    .flatMap(({ rows }) =>
      rows.flatMap(({ predictionId, atMs, settled }) =>
        settled.changes.map(({ from, to }) => ({
          receivedAtMs: to.receivedAtMs,
          correction: {
            predictionId,
            window: hourOf(atMs),
            from: from.label,
            to: to.label,
            knownAt: isoTime(to.knownAtMs),
            receivedAt: isoTime(to.receivedAtMs),
          },
        })),
      ),
    )
    .sort((a, b) => b.receivedAtMs - a.receivedAtMs || (a.correction.predictionId < b.correction.predictionId ? -1 : 1))
    .map(({ correction }) => correction);
