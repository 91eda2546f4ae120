import { DAY_MS, isoTime, utcDay } from '../../kernel/time.ts';
import { type FairnessReport, type GroupedRows, measureFairness } from '../fairness/index.ts';
import { conceptDrift, GAP_FLOOR_SHARE } from './concept-gap.ts';
import { ESTIMATED_METRICS } from './day-estimates.ts';
import { type DaysFound, dayPerformances } from './day-performance.ts';
import { FEWEST_RECONCILED } from './estimate-quality.ts';
import { findLimits } from './find-limits.ts';
import { kpiRows } from './kpi-rows.ts';
import { labelDrift } from './label-drift.ts';
import { labelState } from './label-state.ts';
import { measureWithIntervals } from './measure-with-intervals.ts';
import type { OutcomeDay } from './outcome-book.ts';
import type { PerformanceReference } from './performance-reference.ts';
import type { DayPerformance, PerformanceReport, QualityRow, ServedDay } from './performance-report.ts';
import type { PerformanceSettings } from './performance-settings.ts';
import { labelledRows, type SettledDay, settleDay } from './settled-day.ts';

export interface PerformanceInput {
  readonly model: string;
  /** In service. */
  readonly version: number;
  /** Last whole UTC day before the check. */
  readonly day: string;
  readonly checkedAtMs: number;
  readonly settings: PerformanceSettings;
  /** The open days, and with the last of them what has come since. */
  readonly outcomes: readonly OutcomeDay[];
  readonly reference?: PerformanceReference | undefined;
  readonly served?: ServedDay | undefined;
  /** The newest report of an earlier day. */
  readonly previous?: PerformanceReport | undefined;
}

/** Versions that are told by themselves: the newest that answered in the window. */
const MOST_VERSIONS = 5;

/** The newest mature day, and the mature ones among the days before it. */
const windowOf = (
  days: readonly DayPerformance[],
  settled: readonly SettledDay[],
  windowDays: number,
): readonly SettledDay[] => {
  const mature = new Set(days.filter((day) => day.mature).map(({ day }) => day));
  const last = settled.findLast(({ day }) => mature.has(day));
  if (last === undefined) return [];
  return settled.filter(
    ({ day, dayIndex }) => mature.has(day) && dayIndex > last.dayIndex - windowDays && day <= last.day,
  );
};

const qualityRows = (window: readonly SettledDay[], settings: PerformanceSettings): readonly QualityRow[] => {
  if (window.length === 0) return [];
  const versions = [...new Set(window.flatMap(({ rows }) => rows.map((row) => row.version)))].sort((a, b) => b - a);
  const told = versions.length > 1 ? versions.slice(0, MOST_VERSIONS) : [];
  return [
    { slice: 'all', ...measureWithIntervals(labelledRows(window), settings) },
    ...told.map((version) => ({
      slice: 'all',
      version,
      ...measureWithIntervals(
        labelledRows(window, (row) => row.version === version),
        settings,
      ),
    })),
    ...settings.slices.map((slice) => ({
      slice,
      ...measureWithIntervals(
        labelledRows(window, (row) => row.slices.includes(slice)),
        settings,
      ),
    })),
  ];
};

const fairnessOf = (window: readonly SettledDay[], settings: PerformanceSettings): FairnessReport | undefined => {
  const { by, minRows } = settings.fairness;
  if (by.length === 0 || window.length === 0) return undefined;
  const divisions = by.map((name): readonly [string, GroupedRows] => {
    const { rows, ...values } = labelledRows(window, (row) => row.groups[name] !== undefined);
    return [name, { ...values, groups: rows.map((row) => row.groups[name] as string) }];
  });
  const threshold = settings.task === 'regression' ? {} : { threshold: settings.threshold };
  return measureFairness(new Map(divisions), { ...threshold, fewestRows: minRows });
};

const coverageOf = (days: readonly DayPerformance[]): NonNullable<PerformanceReport['estimated']>['coverage'] =>
  Object.fromEntries(
    ESTIMATED_METRICS.flatMap((metric) => {
      const reconciled = days.flatMap((day) => {
        const found = day.reconciled?.[metric];
        return found === undefined
          ? []
          : [{ ...found, widened: (day.estimated?.reconciledCount ?? 0) >= FEWEST_RECONCILED }];
      });
      if (reconciled.length === 0) return [];
      const widened = reconciled.filter((one) => one.widened);
      const share = (some: typeof reconciled, isIn: 'inSampling' | 'inTold'): number =>
        some.filter((one) => one[isIn]).length / some.length;
      const sampling = { dayCount: reconciled.length, sampling: share(reconciled, 'inSampling') };
      const told = widened.length === 0 ? {} : { widened: share(widened, 'inTold') };
      return [[metric, { ...sampling, ...told, widenedDayCount: widened.length }]];
    }),
  );

const estimatedOf = ({ days, calibration }: DaysFound): PerformanceReport['estimated'] => {
  const newest = days.findLast(({ estimated }) => estimated !== undefined);
  if (newest?.estimated === undefined || calibration === undefined) return undefined;
  const { rowCount, reconciledCount, metrics } = newest.estimated;
  return {
    method: 'CBPE',
    calibratedOn: calibration.learntOn,
    day: newest.day,
    rowCount,
    metrics,
    reconciledCount,
    fewestReconciled: FEWEST_RECONCILED,
    coverage: coverageOf(days) ?? {},
  };
};

const conceptOf = (
  windowDays: readonly DayPerformance[],
  { reference, settings }: PerformanceInput,
): PerformanceReport['concept'] => {
  if (reference === undefined) return undefined;
  const loss = settings.task === 'regression' ? (reference.metrics.rmse ?? 0) ** 2 : (reference.metrics.logLoss ?? 0);
  return conceptDrift(
    windowDays.flatMap(({ conceptGap }) => conceptGap ?? []),
    reference.days.map(({ conceptGap }) => conceptGap),
    GAP_FLOOR_SHARE * loss,
  );
};

const labelDriftOf = (
  windowDays: readonly DayPerformance[],
  { reference }: PerformanceInput,
): PerformanceReport['labelDrift'] =>
  reference &&
  labelDrift(
    windowDays.flatMap(({ labelMean }) => labelMean ?? []),
    reference,
  );

const windowSummary = (window: readonly SettledDay[], windowDays: readonly DayPerformance[]) => {
  const [first, last] = [window[0], window.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const sum = (of: (day: DayPerformance) => number): number => windowDays.reduce((total, day) => total + of(day), 0);
  const rowCount = sum((day) => day.rowCount);
  const labels = labelledRows(window).rows.map(({ settled }) => settled.label?.label ?? Number.NaN);
  return {
    fromDay: first.day,
    throughDay: last.day,
    rowCount,
    labelledCount: sum((day) => day.labelledCount),
    completeness: sum((day) => day.completeness * day.rowCount) / rowCount,
    labelMean: labels.reduce((total, label) => total + label, 0) / labels.length,
  };
};

const verdictOf = (
  limits: PerformanceReport['limits'],
  labelledCount: number,
  minRows: number,
): Pick<PerformanceReport, 'status' | 'reason'> => {
  if (labelledCount < minRows)
    return {
      status: 'not enough labels',
      reason: `not enough labels yet: ${labelledCount} on mature days of at least ${minRows}`,
    };
  const crossed = limits.filter((limit) => limit.crossed);
  if (crossed.length > 0) return { status: 'degraded', reason: crossed.map(({ message }) => message).join('; ') };
  return {
    status: 'within limits',
    reason:
      limits.length === 0
        ? 'no limit is declared, and none can be drawn from the reference'
        : `none of ${limits.length} limits is crossed`,
  };
};

/**
 * One day's report, of the outcomes as they were known at `checkedAtMs`: made again of the same, it is the same.
 */
export const makePerformanceReport = (input: PerformanceInput): PerformanceReport => {
  const { model, version, day, checkedAtMs, settings, outcomes, served, reference, previous } = input;
  const asOf = { asOfMs: checkedAtMs, horizonDays: settings.horizonDays };
  const settled = outcomes.filter((one) => one.day <= day && one.rows.length > 0).map((one) => settleDay(one, asOf));
  const labels = labelState(outcomes, settled, { asOfMs: checkedAtMs, settings });
  const { everShare } = labels.delay;
  const found = dayPerformances({ settled, previous: previous?.days ?? [], settings, everShare, version, reference });
  const window = windowOf(found.days, settled, settings.windowDays);
  const quality = qualityRows(window, settings);
  const limits = findLimits(quality, settings, { reference, previous: previous?.limits ?? [], day });
  const inWindow = new Set(window.map((one) => one.day));
  const windowDays = found.days.filter((one) => inWindow.has(one.day));
  const summary = windowSummary(window, windowDays);
  const estimated = estimatedOf(found);
  const fairness = fairnessOf(window, settings);
  const kpis = kpiRows(window, settings.kpis);
  const concept = conceptOf(windowDays, input);
  const labelsApart = labelDriftOf(windowDays, input);
  return {
    schemaVersion: 1,
    model,
    task: settings.task,
    version,
    day,
    checkedAt: isoTime(checkedAtMs),
    ...verdictOf(limits, summary?.labelledCount ?? 0, settings.minRows),
    labels,
    ...(served === undefined ? {} : { served }),
    ...(summary === undefined ? {} : { window: summary }),
    quality,
    ...(estimated === undefined ? {} : { estimated }),
    ...(fairness === undefined ? {} : { fairness }),
    ...(kpis.length === 0 ? {} : { kpis }),
    ...(concept === undefined ? {} : { concept }),
    ...(labelsApart === undefined ? {} : { labelDrift: labelsApart }),
    limits,
    days: found.days,
  };
};

/** First of the days that a check has to look at: those of the window, and those that labels may still change. */
export const firstOpenDay = (
  day: string,
  { windowDays, horizonDays }: Pick<PerformanceSettings, 'windowDays' | 'horizonDays'>,
): string => utcDay(Date.parse(day) - (windowDays + horizonDays - 1) * DAY_MS);
