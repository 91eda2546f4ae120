import type { EstimatedMetric, Measured, MetricName, PerformanceReport } from '../performance/index.ts';

/** Quality by day: as measured by the labels that are in, and as estimated from the predictions alone. */
export interface QualityOverTime {
  readonly metrics: readonly QualitySeries[];
  /** How complete the labels are, in sentences. */
  readonly notes: readonly string[];
}

export interface QualitySeries {
  readonly name: string;
  readonly betterIs: 'lower' | 'higher';
  /** Beyond it quality counts as degraded. */
  readonly limit?: number;
  /** Oldest first. */
  readonly days: readonly QualityDay[];
}

export interface QualityDay {
  readonly day: string;
  readonly rowCount: number;
  /** Share of the labels that will ever come which is in, in [0, 1]. */
  readonly completeness: number;
  readonly mature: boolean;
  readonly measured?: Measured;
  readonly estimated?: Measured;
}

export const METRIC_TEXTS: Readonly<Record<MetricName, string>> = {
  auc: 'AUC',
  logLoss: 'log loss',
  brier: 'Brier score',
  calibrationError: 'calibration error',
  calibrationSlope: 'calibration slope',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  rmse: 'RMSE',
  mae: 'MAE',
  mape: 'MAPE',
  quantileLoss: 'quantile loss',
};

/** Of these the first that the task has is what quality is told by. */
export const HEADLINE_METRICS = ['logLoss', 'rmse'] as const satisfies readonly MetricName[];

const DRAWN = ['logLoss', 'auc', 'rmse', 'mae'] as const satisfies readonly MetricName[];
const HIGHER_IS_BETTER: readonly MetricName[] = ['auc', 'accuracy', 'precision', 'recall', 'f1'];

const isEstimated = (metric: MetricName): metric is EstimatedMetric =>
  metric === 'auc' || metric === 'logLoss' || metric === 'brier' || metric === 'f1';

const daysOf = ({ days }: PerformanceReport, metric: MetricName): readonly QualityDay[] =>
  days.map(({ day, rowCount, completeness, mature, measured, estimated }) => {
    const [seen, foreseen] = [measured[metric], isEstimated(metric) ? estimated?.metrics[metric] : undefined];
    return {
      day,
      rowCount,
      completeness,
      mature,
      ...(seen === undefined ? {} : { measured: seen }),
      ...(foreseen === undefined ? {} : { estimated: foreseen }),
    };
  });

const shownShare = (share: number): string => `${Math.round(1_000 * share) / 10} %`;

/** How often estimates were right so far: an interval that holds less often than it says is not to be believed. */
const coverageNote = (estimated: PerformanceReport['estimated']): readonly string[] => {
  const found = estimated?.coverage?.logLoss;
  if (found === undefined) return [];
  const { dayCount, sampling, widened, widenedDayCount } = found;
  const told = widened === undefined ? '' : `; inside the widened one on ${shownShare(widened)} of ${widenedDayCount}`;
  return [
    `Once the labels came, the log loss lay inside the interval of sampling alone on ${shownShare(sampling)} of ${dayCount} days${told}.`,
  ];
};

const notesOf = ({ labels, estimated, reason, window, limits }: PerformanceReport): readonly string[] => {
  const { delay, correctionCount, orphanCount, pendingCount } = labels;
  const age = delay.matureAfterHours;
  const matured =
    age === undefined
      ? 'No labels are in, so no day is mature.'
      : `A day is mature ${age} hours after its last prediction, when ${Math.round(100 * delay.matureShare)} % of the labels that will ever come are in.`;
  const tooLate = labels.tooLateCount === 0 ? '' : ` ${labels.tooLateCount} came too late to count.`;
  const followed =
    labels.sampledShare === 1
      ? ''
      : ` Of the predictions ${shownShare(labels.sampledShare)} are followed, drawn by their ids.`;
  const odd = `${labels.repeatedCount} labels came again, ${correctionCount} were corrected, ${pendingCount} wait for their prediction, ${orphanCount} have none.${tooLate}${followed}`;
  const widened =
    estimated === undefined
      ? []
      : [
          estimated.reconciledCount < estimated.fewestReconciled
            ? `Estimates have the interval of sampling alone: ${estimated.reconciledCount} of ${estimated.fewestReconciled} days are reconciled.`
            : `Intervals of estimates are widened by the errors of ${estimated.reconciledCount} reconciled days.`,
        ];
  const held =
    window === undefined || limits.length === 0
      ? []
      : [`Limits are held to ${window.fromDay} to ${window.throughDay} together, not to single days.`];
  const covered = coverageNote(estimated);
  return [`${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`, ...held, matured, odd, ...widened, ...covered];
};

export const qualityOverTime = (report: PerformanceReport): QualityOverTime => {
  const metrics = DRAWN.flatMap((metric): readonly QualitySeries[] => {
    const days = daysOf(report, metric);
    if (days.every(({ measured, estimated }) => measured === undefined && estimated === undefined)) return [];
    const limit = report.limits.find((found) => found.metric === metric && found.slice === 'all')?.limit;
    const betterIs = HIGHER_IS_BETTER.includes(metric) ? 'higher' : 'lower';
    return [{ name: METRIC_TEXTS[metric], betterIs, days, ...(limit === undefined ? {} : { limit }) }];
  });
  return { metrics, notes: notesOf(report) };
};
