import { angleAt } from './angle.ts';
import type { ComponentCode, DriftCalibration, SliceBaseline } from './drift-calibration.ts';
import type { DayProfile } from './drift-reference.ts';
import { lessHours } from './hours.ts';
import { rounded } from './rounded.ts';
import { componentCountOf, scoreDay } from './score-day.ts';
import { sliceTable } from './slice-table.ts';
import { clip, keptShare, spansOf } from './spans.ts';
import { weekdayOf } from './weekdays.ts';

/** What a slice needs on a day to be judged: a twentieth of its usual rows, and ten, or half of them if they are fewer. */
const LEAST_ROWS_SHARE = 0.05;
const LEAST_ROWS = 10;

export const hasEnoughRows = ({ rowsPerDay }: SliceBaseline, rowCount: number): boolean =>
  rowCount >= Math.max(1, LEAST_ROWS_SHARE * rowsPerDay, Math.min(LEAST_ROWS, rowsPerDay / 2));

/** Running means of standardised days, slice by slice and component by component: one list for each span but the first. */
export type RunningMeans = readonly (readonly number[])[];

/** One component after one more day. */
export interface ComponentDay {
  readonly slice: string;
  readonly column: string;
  readonly code: ComponentCode;
  /** By span: the running mean in standard deviations of a day, and standardised itself. */
  readonly means: readonly number[];
  readonly statistics: readonly number[];
  /** By span, in the unit of the component. */
  readonly effects: readonly number[];
}

export const noMeans = ({ columns, slices, windowDays }: DriftCalibration): RunningMeans => {
  const length = slices.length * componentCountOf(columns);
  return spansOf(windowDays)
    .slice(1)
    .map(() => new Array<number>(length).fill(0));
};

const isAngle = ({ change }: ComponentCode): boolean => change === 'missing' || change === 'share';

/**
 * Takes a day in. A slice with too few rows keeps its means, and has no `ComponentDay`s.
 * @returns the means, and every component of the judged slices.
 */
export const takeDay = (
  calibration: DriftCalibration,
  before: RunningMeans,
  day: DayProfile,
): { readonly means: RunningMeans; readonly components: readonly ComponentDay[] } => {
  const { columns, slices, windowDays } = calibration;
  const spans = spansOf(windowDays);
  const kept = spans.map(keptShare);
  const means = before.map((list) => list.slice());
  const weekday = weekdayOf(day.day);
  const components: ComponentDay[] = [];
  const width = componentCountOf(columns);
  const flat = columns.flatMap(({ name, components: codes }) => codes.map((code) => ({ column: name, code })));
  slices.forEach((slice, s) => {
    const table = sliceTable(day, slice.name);
    if (table === undefined || !hasEnoughRows(slice, table.rowCount)) return;
    const { scores, rows } = lessHours(scoreDay(columns, table), columns, day.rowsByHour);
    slice.components.forEach((baseline, c) => {
      const score = scores[c] as number;
      const named = flat[c];
      if (Number.isNaN(score) || named === undefined) return;
      const usual = baseline.means[baseline.means.length === 7 ? weekday : 0] as number;
      const expected = isAngle(named.code) ? angleAt(usual, slice.rowsPerDay, rows[c] as number) : usual;
      const deviation = Math.sqrt(baseline.dayVariance + 1 / (rows[c] as number));
      const standardised = (score - expected) / deviation;
      const now = kept.map((keep, i) => {
        if (i === 0) return standardised;
        const list = means[i - 1] as number[];
        const mean = rounded(keep * (list[s * width + c] as number) + (1 - keep) * clip(standardised));
        list[s * width + c] = mean;
        return mean;
      });
      components.push({
        slice: slice.name,
        ...named,
        means: now,
        statistics: now.map((mean, i) => mean / (baseline.spread[i] as number)),
        effects: now.map((mean) => mean * deviation),
      });
    });
  });
  return { means, components };
};
