import { expectQuality, tellEstimates } from './estimate-quality.ts';
import { type Calibration, calibratedChances, learnCalibration } from './isotonic-calibration.ts';
import { measureWithIntervals } from './measure-with-intervals.ts';
import type { PerformanceReference } from './performance-reference.ts';
import type { DayPerformance, EstimatedMetric, Reconciled } from './performance-report.ts';
import type { PerformanceSettings } from './performance-settings.ts';
import { labelledRows, type SettledDay } from './settled-day.ts';

/** Predictions of a day below which it is not estimated. */
const FEWEST_ESTIMATED = 100;
/** Labelled predictions in service that a calibration takes where there is no hold-out. */
const FEWEST_CALIBRATING = 1_000;

export const ESTIMATED_METRICS: readonly EstimatedMetric[] = ['auc', 'logLoss', 'brier', 'f1'];

/** By what the answers of one version become chances. */
export interface VersionCalibration {
  readonly version: number;
  readonly calibration: Calibration;
  readonly learntOn: 'hold-out' | 'served labels';
}

/** The hold-out's, or learnt from the labelled days of the version's own service where it came without. */
export const versionCalibration = (
  version: number,
  reference: PerformanceReference | undefined,
  matureDays: readonly SettledDay[],
): VersionCalibration | undefined => {
  if (reference?.calibration !== undefined)
    return { version, calibration: reference.calibration, learntOn: 'hold-out' };
  const { labels, predictions } = labelledRows(matureDays, (row) => row.version === version);
  return labels.length < FEWEST_CALIBRATING
    ? undefined
    : { version, calibration: learnCalibration(labels, predictions), learntOn: 'served labels' };
};

/** Standardised errors of a metric's reconciled days, oldest first. */
export const pastErrors =
  (days: readonly DayPerformance[]) =>
  (metric: EstimatedMetric): readonly number[] =>
    days.flatMap(({ reconciled }) => reconciled?.[metric]?.error ?? []);

/** What a day's metrics are expected to be, of the version's answers alone, and by how much the past says they may err. */
export const estimateDay = (
  day: SettledDay,
  { version, calibration }: VersionCalibration,
  past: readonly DayPerformance[],
  threshold: number,
): DayPerformance['estimated'] => {
  const rows = day.rows.filter((row) => row.version === version);
  if (rows.length < FEWEST_ESTIMATED) return undefined;
  const predictions = Float64Array.from(rows, ({ output }) => output);
  const chances = calibratedChances(calibration, predictions);
  const errors = pastErrors(past);
  return {
    version,
    rowCount: rows.length,
    reconciledCount: errors('logLoss').length,
    metrics: tellEstimates(
      expectQuality(predictions, { chances, learntRows: calibration.rowCount }, threshold),
      errors,
    ),
  };
};

/** What the labels of a mature day say of the same answers. */
export const reconcileDay = (
  day: SettledDay,
  { version, metrics }: NonNullable<DayPerformance['estimated']>,
  settings: PerformanceSettings,
): DayPerformance['reconciled'] => {
  const actual = measureWithIntervals(
    labelledRows([day], (row) => row.version === version),
    settings,
    ESTIMATED_METRICS,
  ).metrics;
  return Object.fromEntries(
    ESTIMATED_METRICS.flatMap((metric): readonly (readonly [EstimatedMetric, Reconciled])[] => {
      const [told, found] = [metrics[metric], actual[metric]?.value];
      if (told === undefined || found === undefined || told.standardError === 0) return [];
      const reconciled = {
        actual: found,
        error: (found - told.value) / told.standardError,
        inSampling: found >= told.samplingLower && found <= told.samplingUpper,
        inTold: found >= (told.lower ?? found) && found <= (told.upper ?? found),
      };
      return [[metric, reconciled]];
    }),
  );
};
