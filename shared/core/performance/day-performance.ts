import { conceptGap } from './concept-gap.ts';
import { estimateDay, reconcileDay, type VersionCalibration, versionCalibration } from './day-estimates.ts';
import { kpiRows } from './kpi-rows.ts';
import { measureWithIntervals } from './measure-with-intervals.ts';
import { meanLabel, type PerformanceReference } from './performance-reference.ts';
import type { DayPerformance, MetricName } from './performance-report.ts';
import type { PerformanceSettings } from './performance-settings.ts';
import { isLabelled, labelledRows, type SettledDay } from './settled-day.ts';

/** What is kept of each day; the window has all metrics. */
const DAY_METRICS: readonly MetricName[] = ['auc', 'logLoss', 'brier', 'f1', 'rmse', 'mae', 'quantileLoss'];
const LOSSES: readonly MetricName[] = ['logLoss', 'rmse'];
/** Days that a report tells. */
const MOST_DAYS = 120;

export interface DaysInput {
  /** Loaded days up to the checked one, oldest first. */
  readonly settled: readonly SettledDay[];
  /** As the report before told them. */
  readonly previous: readonly DayPerformance[];
  readonly settings: PerformanceSettings;
  /** Share of predictions that ever get a label. */
  readonly everShare: number;
  /** In service. */
  readonly version: number;
  readonly reference?: PerformanceReference | undefined;
}

export interface DaysFound {
  readonly days: readonly DayPerformance[];
  readonly calibration?: VersionCalibration | undefined;
}

const versionsOf = (day: SettledDay, settings: PerformanceSettings): DayPerformance['versions'] =>
  [...Map.groupBy(day.rows, (row) => row.version)]
    .sort(([a], [b]) => b - a)
    .map(([version, some]) => {
      const { metrics } = measureWithIntervals(
        labelledRows([day], (row) => row.version === version),
        settings,
        LOSSES,
      );
      const loss = (metrics.logLoss ?? metrics.rmse)?.value;
      return { version, rowCount: some.length, ...(loss === undefined ? {} : { loss }) };
    });

const gapOf = (day: SettledDay, { settings, version, reference }: DaysInput): number | undefined => {
  const rmse = reference?.metrics.rmse;
  return conceptGap(
    settings.task,
    labelledRows([day], (row) => row.version === version),
    { calibration: reference?.calibration, meanSquaredError: rmse === undefined ? undefined : rmse ** 2 },
  );
};

const measureDay = (day: SettledDay, input: DaysInput): DayPerformance => {
  const { settings, everShare } = input;
  const labelledCount = day.rows.filter(isLabelled).length;
  const expected = day.rows.length * everShare;
  const completeness = expected === 0 ? 0 : Math.min(1, labelledCount / expected);
  const kpis = kpiRows([day], settings.kpis);
  const gap = gapOf(day, input);
  const labelled = labelledRows([day]);
  return {
    day: day.day,
    rowCount: day.rows.length,
    labelledCount,
    completeness,
    mature: labelledCount > 0 && completeness >= settings.matureShare,
    measured: measureWithIntervals(labelled, settings, DAY_METRICS).metrics,
    ...(gap === undefined ? {} : { conceptGap: gap }),
    ...meanLabel(labelled.labels),
    versions: versionsOf(day, settings),
    ...(kpis.length === 0 ? {} : { kpis }),
  };
};

/**
 * Every day that is known of, oldest first: the loaded ones measured anew, the closed ones as they were told. An estimate
 * is told once, of what was known then, and never again; when the day is mature it is held to the labels.
 */
export const dayPerformances = (input: DaysInput): DaysFound => {
  const { settled, previous, settings, version, reference } = input;
  const loaded = new Set(settled.map(({ day }) => day));
  const before = new Map(previous.map((day) => [day.day, day]));
  const measured = settled.map((day) => measureDay(day, input));
  const mature = new Set(measured.filter((day) => day.mature).map(({ day }) => day));
  const calibration =
    settings.task === 'regression'
      ? undefined
      : versionCalibration(
          version,
          reference,
          settled.filter(({ day }) => mature.has(day)),
        );
  const days = previous.filter(({ day }) => !loaded.has(day) && day < (settled[0]?.day ?? '9999'));
  for (const [i, day] of settled.entries()) {
    const standing = before.get(day.day)?.estimated;
    // Learnt from the labels of these very days, it would foretell what it had seen.
    const mayEstimate = calibration?.learntOn === 'hold-out' || !mature.has(day.day);
    const estimated =
      standing ?? (calibration && mayEstimate ? estimateDay(day, calibration, days, settings.threshold) : undefined);
    const reconciled = estimated && mature.has(day.day) ? reconcileDay(day, estimated, settings) : undefined;
    days.push({
      ...(measured[i] as DayPerformance),
      ...(estimated === undefined ? {} : { estimated }),
      ...(reconciled === undefined ? {} : { reconciled }),
    });
  }
  return { days: days.slice(-MOST_DAYS), calibration };
};
