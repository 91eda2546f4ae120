import { DAY_MS, utcDay } from '../../kernel/time.ts';
import { moments } from '../statistics/moments.ts';
import { conceptGap } from './concept-gap.ts';
import { type Calibration, learnCalibration } from './isotonic-calibration.ts';
import { type LabelledRows, measureWithIntervals, type QualitySettings } from './measure-with-intervals.ts';
import type { MetricName } from './performance-report.ts';

/** What a version did on the hold-out that it had not learnt from: what it is held to in service. JSON. */
export interface PerformanceReference {
  readonly schemaVersion: 1;
  readonly rowCount: number;
  /** Of a classification. */
  readonly calibration?: Calibration;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
  /** Of one label; absent of references from before it was kept. */
  readonly labelDeviation?: number;
  /** Oldest first. */
  readonly days: readonly {
    readonly day: string;
    readonly rowCount: number;
    readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
    /** Mean loss above what is expected of the calibrated chances, or above that of all days. */
    readonly conceptGap: number;
    /** Absent where `labelDeviation` is. */
    readonly labelMean?: number;
  }[];
}

const valuesOf = (metrics: ReturnType<typeof measureWithIntervals>['metrics']): PerformanceReference['metrics'] =>
  Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));

/** Of a day's labels, where it has some. */
export const meanLabel = (labels: ArrayLike<number>): { readonly labelMean?: number } => {
  const found = moments(labels);
  return found === undefined ? {} : { labelMean: found.mean };
};

/**
 * The reference of a version, from labelled rows that it (or the candidate by the same recipe) did not learn from.
 * @throws InvalidRequestError for an empty hold-out or values that the task does not allow.
 */
export const makePerformanceReference = (
  holdout: {
    readonly labels: ArrayLike<number>;
    readonly predictions: ArrayLike<number>;
    readonly eventAtMs: ArrayLike<number>;
  },
  settings: QualitySettings,
): PerformanceReference => {
  const { labels, predictions } = holdout;
  const days = Int32Array.from(holdout.eventAtMs, (atMs) => Math.floor(atMs / DAY_MS));
  const pick = (rows: readonly number[]): LabelledRows => ({
    labels: Float64Array.from(rows, (row) => labels[row] as number),
    predictions: Float64Array.from(rows, (row) => predictions[row] as number),
    days: Int32Array.from(rows, (row) => days[row] as number),
  });
  const everyRow = Array.from(labels, (_, row) => row);
  const metrics = valuesOf(measureWithIntervals(pick(everyRow), settings).metrics);
  const calibration = settings.task === 'regression' ? undefined : learnCalibration(labels, predictions);
  const expectedBy = { calibration, meanSquaredError: metrics.rmse === undefined ? undefined : metrics.rmse ** 2 };
  const spread = moments(labels);
  const byDay = [...Map.groupBy(everyRow, (row) => days[row] as number)].sort(([a], [b]) => a - b);
  return {
    schemaVersion: 1,
    rowCount: labels.length,
    ...(calibration === undefined ? {} : { calibration }),
    metrics,
    ...(spread === undefined ? {} : { labelDeviation: spread.standardDeviation }),
    days: byDay.map(([day, some]) => {
      const rows = pick(some);
      return {
        day: utcDay(day * DAY_MS),
        rowCount: some.length,
        metrics: valuesOf(measureWithIntervals(rows, settings).metrics),
        conceptGap: conceptGap(settings.task, rows, expectedBy) ?? 0,
        ...meanLabel(rows.labels),
      };
    }),
  };
};
