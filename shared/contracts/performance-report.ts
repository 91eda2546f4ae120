import * as v from 'valibot';

/** A model's performance as it is stored each day: see `PerformanceReport` in shared/core/performance. */

export const performanceReportPrefix = (model: string): string => `reports/${model}/performance/`;
/** In the data bucket. */
export const performanceReportKey = (model: string, day: string): string =>
  `${performanceReportPrefix(model)}${day}.json`;

export const OUTCOMES_PREFIX = 'outcomes/';
export const outcomesPrefix = (model: string): string => `${OUTCOMES_PREFIX}${model}/`;
/** The followed predictions of one UTC day with what is known of their labels (data bucket, GZIP JSON). */
export const outcomesKey = (model: string, day: string): string => `${outcomesPrefix(model)}${day}.json.gz`;

/** Input of measure-performance. */
export const MeasurePerformanceInput = v.object({
  model: v.string(),
  /** ISO 8601; the last day measured is the last whole UTC day before it. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
  /** In service. */
  version: v.number(),
  package: v.object({ artifactPrefix: v.string(), manifestDigest: v.string() }),
});

const Day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day as YYYY-MM-DD'));
const IntervalBy = v.picklist(['days', 'rows']);
const Measured = v.object({
  value: v.number(),
  lower: v.exactOptional(v.number()),
  upper: v.exactOptional(v.number()),
});

export const CLASSIFICATION_METRICS = [
  'auc',
  'logLoss',
  'brier',
  'calibrationError',
  'calibrationSlope',
  'accuracy',
  'precision',
  'recall',
  'f1',
] as const;
/** What quality is told by, of either task. */
export const MODEL_METRICS = [...CLASSIFICATION_METRICS, 'rmse', 'mae', 'mape', 'quantileLoss'] as const;
const ESTIMATED_METRICS = ['auc', 'logLoss', 'brier', 'f1'] as const;

const Metric = v.picklist(MODEL_METRICS);

/** An object that has some of the keys, each of the same form. */
const someOf = <const Keys extends readonly string[], Value extends v.GenericSchema>(keys: Keys, value: Value) =>
  v.object(
    Object.fromEntries(keys.map((key) => [key, v.exactOptional(value)])) as {
      readonly [Key in Keys[number]]: v.ExactOptionalSchema<Value, undefined>;
    },
  );

const MetricValues = someOf(MODEL_METRICS, Measured);
const EstimatedValues = someOf(
  ESTIMATED_METRICS,
  v.object({ ...Measured.entries, standardError: v.number(), samplingLower: v.number(), samplingUpper: v.number() }),
);

const MetricNumbers = someOf(MODEL_METRICS, v.number());

/** Contents of `performance-reference.json`: see `PerformanceReference` in shared/core/performance. */
export const PerformanceReferenceSchema = v.object({
  schemaVersion: v.literal(1),
  rowCount: v.number(),
  calibration: v.exactOptional(
    v.object({ rowCount: v.number(), scores: v.array(v.number()), chances: v.array(v.number()) }),
  ),
  metrics: MetricNumbers,
  labelDeviation: v.exactOptional(v.number()),
  days: v.array(
    v.object({
      day: Day,
      rowCount: v.number(),
      metrics: MetricNumbers,
      conceptGap: v.number(),
      labelMean: v.exactOptional(v.number()),
    }),
  ),
});

const Kpi = v.object({
  name: v.string(),
  unit: v.string(),
  aggregate: v.picklist(['mean', 'sum']),
  version: v.number(),
  rowCount: v.number(),
  value: Measured,
});

const Labels = v.object({
  delay: v.object({
    predictionCount: v.number(),
    labelledCount: v.number(),
    curve: v.array(v.object({ ageHours: v.number(), share: v.number() })),
    everShare: v.number(),
    matureAfterHours: v.exactOptional(v.number()),
    matureShare: v.number(),
  }),
  repeatedCount: v.number(),
  correctionCount: v.number(),
  corrections: v.array(
    v.object({
      predictionId: v.string(),
      window: v.string(),
      from: v.number(),
      to: v.number(),
      knownAt: v.string(),
      receivedAt: v.string(),
    }),
  ),
  pendingCount: v.number(),
  orphanCount: v.number(),
  orphanAfterHours: v.number(),
  tooLateCount: v.number(),
  horizonDays: v.number(),
  sampledShare: v.number(),
  lastKnownAt: v.exactOptional(v.string()),
});

const QualityRow = v.object({
  slice: v.string(),
  version: v.exactOptional(v.number()),
  rowCount: v.number(),
  dayCount: v.number(),
  intervalBy: IntervalBy,
  metrics: MetricValues,
});

const SPREAD = { difference: Measured, ratio: v.exactOptional(Measured) } as const;

const Fairness = v.object({
  threshold: v.exactOptional(v.number()),
  rows: v.array(
    v.object({
      by: v.string(),
      metric: v.string(),
      overall: Measured,
      groups: v.array(v.object({ group: v.string(), rowCount: v.number(), value: Measured })),
      ...SPREAD,
    }),
  ),
  summaries: v.array(
    v.object({ by: v.string(), demographicParity: v.object(SPREAD), equalizedOdds: v.exactOptional(v.object(SPREAD)) }),
  ),
  fewestRows: v.number(),
  intervalBy: IntervalBy,
});

const DayPerformance = v.object({
  day: Day,
  rowCount: v.number(),
  labelledCount: v.number(),
  completeness: v.number(),
  mature: v.boolean(),
  measured: MetricValues,
  estimated: v.exactOptional(
    v.object({ version: v.number(), rowCount: v.number(), reconciledCount: v.number(), metrics: EstimatedValues }),
  ),
  reconciled: v.exactOptional(
    someOf(
      ESTIMATED_METRICS,
      v.object({ actual: v.number(), error: v.number(), inSampling: v.boolean(), inTold: v.boolean() }),
    ),
  ),
  conceptGap: v.exactOptional(v.number()),
  labelMean: v.exactOptional(v.number()),
  versions: v.array(v.object({ version: v.number(), rowCount: v.number(), loss: v.exactOptional(v.number()) })),
  kpis: v.exactOptional(v.array(Kpi)),
});

const EstimatedWindow = v.object({
  method: v.literal('CBPE'),
  calibratedOn: v.picklist(['hold-out', 'served labels']),
  day: Day,
  rowCount: v.number(),
  metrics: EstimatedValues,
  reconciledCount: v.number(),
  fewestReconciled: v.number(),
  coverage: v.exactOptional(
    someOf(
      ESTIMATED_METRICS,
      v.object({
        dayCount: v.number(),
        sampling: v.number(),
        widened: v.exactOptional(v.number()),
        widenedDayCount: v.number(),
      }),
    ),
  ),
});

/** Contents of `reports/<model>/performance/<day>.json`. */
export const PerformanceReportSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  task: v.picklist(['binary-classification', 'regression']),
  version: v.number(),
  day: Day,
  checkedAt: v.string(),
  status: v.picklist(['not enough labels', 'within limits', 'degraded']),
  reason: v.string(),
  labels: Labels,
  served: v.exactOptional(
    v.object({
      requestCount: v.number(),
      failureCount: v.exactOptional(v.number()),
      latencyMsP99: v.exactOptional(v.number()),
      sampledShare: v.exactOptional(v.number()),
    }),
  ),
  window: v.exactOptional(
    v.object({
      fromDay: Day,
      throughDay: Day,
      rowCount: v.number(),
      labelledCount: v.number(),
      completeness: v.number(),
      labelMean: v.exactOptional(v.number()),
    }),
  ),
  quality: v.array(QualityRow),
  estimated: v.exactOptional(EstimatedWindow),
  fairness: v.exactOptional(Fairness),
  kpis: v.exactOptional(v.array(Kpi)),
  concept: v.exactOptional(
    v.object({
      test: v.literal('t test by days of loss above expected loss'),
      dayCount: v.number(),
      gap: Measured,
      drifted: v.boolean(),
    }),
  ),
  labelDrift: v.exactOptional(
    v.object({
      test: v.literal('t test by days of the mean of the labels'),
      dayCount: v.number(),
      gap: Measured,
      drifted: v.boolean(),
      referenceMean: v.number(),
      floor: v.number(),
    }),
  ),
  limits: v.array(
    v.object({
      metric: Metric,
      slice: v.string(),
      source: v.picklist(['declared', 'reference']),
      worse: v.picklist(['above', 'below']),
      limit: v.number(),
      value: Measured,
      crossed: v.boolean(),
      since: v.exactOptional(Day),
      message: v.string(),
    }),
  ),
  days: v.array(DayPerformance),
});
export type StoredPerformanceReport = v.InferOutput<typeof PerformanceReportSchema>;
