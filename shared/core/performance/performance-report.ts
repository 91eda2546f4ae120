import type { Task } from '../evaluation/index.ts';
import type { FairnessReport } from '../fairness/index.ts';

/** What a day's performance check found, as it is stored: `contracts/performance-report` reads it. */

/** Losses and scores of labelled predictions; which ones there are depends on the task. */
export type MetricName =
  | 'auc'
  | 'logLoss'
  | 'brier'
  | 'calibrationError'
  | 'calibrationSlope'
  | 'accuracy'
  | 'precision'
  | 'recall'
  | 'f1'
  | 'rmse'
  | 'mae'
  | 'mape'
  | 'quantileLoss';

/** A number and its interval of 95 %, both bounds absent where none can be had. */
export interface Measured {
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

export type MetricValues = Readonly<Partial<Record<MetricName, Measured>>>;

/** How well the labelled predictions of the window were met. */
export interface QualityRow {
  /** `all`, or the name of a declared slice. */
  readonly slice: string;
  /** Of this version's answers only; absent: of all that callers got. */
  readonly version?: number;
  readonly rowCount: number;
  /** UTC days with labelled rows. */
  readonly dayCount: number;
  /** What was drawn again for the intervals: whole days from 8 on, single rows below. */
  readonly intervalBy: 'days' | 'rows';
  readonly metrics: MetricValues;
}

/** Share of labels that are in, by age of the prediction: Kaplan–Meier, labels that are still awaited are censored. */
export interface LabelDelay {
  readonly predictionCount: number;
  readonly labelledCount: number;
  /** Age in whole hours → share of all predictions whose label is in by then; rises, one point a step, at most 200. */
  readonly curve: readonly { readonly ageHours: number; readonly share: number }[];
  /** Share of predictions that ever get a label, as far as the horizon shows. */
  readonly everShare: number;
  /** From this age on the stated share of the labels that will ever come is in; absent without labels. */
  readonly matureAfterHours?: number;
  /** The stated share. */
  readonly matureShare: number;
}

export interface LabelCorrection {
  readonly predictionId: string;
  /** UTC hour of the prediction, ISO 8601: the one window that the label is in. */
  readonly window: string;
  readonly from: number;
  readonly to: number;
  /** When the newer truth became known, and when we heard of it; ISO 8601. */
  readonly knownAt: string;
  readonly receivedAt: string;
}

/** How labels met predictions, over the days that are still open. */
export interface LabelState {
  readonly delay: LabelDelay;
  /** Lines beyond the first that brought a prediction the label that it had. */
  readonly repeatedCount: number;
  /** Times that a label was replaced by another, the newest few of them in full. */
  readonly correctionCount: number;
  readonly corrections: readonly LabelCorrection[];
  /** Labels that wait for their prediction, which may come within `orphanAfterHours`. */
  readonly pendingCount: number;
  /** Labels whose prediction did not come in that time, or is older than the horizon. */
  readonly orphanCount: number;
  readonly orphanAfterHours: number;
  /** Labels that came after the horizon of their prediction. */
  readonly tooLateCount: number;
  /** Days before this many are closed: labels change nothing there. */
  readonly horizonDays: number;
  /** Share of predictions that are followed, by a hash of their id; 1 up to the stated number a day. */
  readonly sampledShare: number;
  /** When the newest truth became known, ISO 8601; absent without labels. */
  readonly lastKnownAt?: string;
}

/** An estimate before the labels, with the interval that past errors give it, and that of sampling alone. */
export interface Estimated extends Measured {
  /** Of sampling alone. */
  readonly standardError: number;
  readonly samplingLower: number;
  readonly samplingUpper: number;
}

/** An estimate beside what was measured later. */
export interface Reconciled {
  readonly actual: number;
  /** (actual − estimate) / standard error of sampling. */
  readonly error: number;
  /** Whether the interval of sampling alone covered it, and the one that was told. */
  readonly inSampling: boolean;
  readonly inTold: boolean;
}

export type EstimatedValues = Readonly<Partial<Record<EstimatedMetric, Estimated>>>;
export type EstimatedMetric = 'auc' | 'logLoss' | 'brier' | 'f1';

/** One UTC day of predictions. */
export interface DayPerformance {
  readonly day: string;
  readonly rowCount: number;
  readonly labelledCount: number;
  /** Share of the labels that will ever come which is in. */
  readonly completeness: number;
  readonly mature: boolean;
  /** By labels, as far as they are in; intervals by rows. */
  readonly measured: MetricValues;
  /** By the predictions alone, of the version that was in service, as it was told on the day; never changed later. */
  readonly estimated?: {
    readonly version: number;
    readonly rowCount: number;
    /** Past days by whose errors the intervals are widened; below 20 they are of sampling alone. */
    readonly reconciledCount: number;
    readonly metrics: EstimatedValues;
  };
  /** What the labels said of the same answers once the day was mature. */
  readonly reconciled?: Readonly<Partial<Record<EstimatedMetric, Reconciled>>>;
  /** Mean loss above what the calibrated probabilities expect: 0 while only inputs drift. */
  readonly conceptGap?: number;
  /** Mean of the labels that are in. */
  readonly labelMean?: number;
  /** Measured loss by version that answered. */
  readonly versions: readonly { readonly version: number; readonly rowCount: number; readonly loss?: number }[];
  /** Means of the declared KPIs by version. */
  readonly kpis?: readonly KpiRow[];
}

export interface KpiRow {
  readonly name: string;
  readonly unit: string;
  readonly aggregate: 'mean' | 'sum';
  readonly version: number;
  /** Predictions that have the KPI. */
  readonly rowCount: number;
  /** Mean or sum over them. A sum's interval is that of the mean times the count. */
  readonly value: Measured;
}

/** Days of the window beside days of the reference. */
export interface DaysApart {
  readonly dayCount: number;
  /** Mean of the window's days less the reference's. */
  readonly gap: Measured;
  /** The whole interval lies beyond what matters. */
  readonly drifted: boolean;
}

/** Whether the labels part from the inputs: a test by days of what the loss is above expectation, in nats or squared units. */
export interface ConceptDrift extends DaysApart {
  readonly test: 't test by days of loss above expected loss';
}

/** Whether outcomes are others than on the rows held out, in units of the label. */
export interface LabelDrift extends DaysApart {
  readonly test: 't test by days of the mean of the labels';
  /** Of the hold-out's days: with the gap, the window's. */
  readonly referenceMean: number;
  /** What matters. */
  readonly floor: number;
}

/** A bound of a metric, declared or drawn from the reference, and whether the whole interval lies beyond it. */
export interface LimitFinding {
  readonly metric: MetricName;
  readonly slice: string;
  readonly source: 'declared' | 'reference';
  /** Where quality is not: `above` for losses, `below` for scores. */
  readonly worse: 'above' | 'below';
  readonly limit: number;
  readonly value: Measured;
  readonly crossed: boolean;
  /** Day of the first report in a row that found it crossed. */
  readonly since?: string;
  /** The finding as a sentence, with its numbers. */
  readonly message: string;
}

/** The requests of one UTC day. */
export interface ServedDay {
  /** Those that failed included, as far as they are captured. */
  readonly requestCount: number;
  /** Absent where a request that fails leaves no line: `router: alias`. */
  readonly failureCount?: number;
  /** In the function, of those that were answered. */
  readonly latencyMsP99?: number;
  /** Of more than 200,000 requests the share that the counts are estimated from. */
  readonly sampledShare?: number;
}

export type PerformanceStatus = 'not enough labels' | 'within limits' | 'degraded';

export interface PerformanceReport {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly task: Task;
  /** In service when it was checked. */
  readonly version: number;
  /** Last whole UTC day before the check. */
  readonly day: string;
  /** ISO 8601: labels that were received until then are counted. */
  readonly checkedAt: string;
  readonly status: PerformanceStatus;
  readonly reason: string;
  readonly labels: LabelState;
  /** The requests of `day`; absent without any, and of reports from before they were counted. */
  readonly served?: ServedDay;
  /** The newest mature days: what `quality`, `fairness`, `kpis` and `limits` are of; absent while no day is mature. */
  readonly window?: {
    readonly fromDay: string;
    readonly throughDay: string;
    readonly rowCount: number;
    readonly labelledCount: number;
    readonly completeness: number;
    /** Of the labels; absent of reports from before it was kept. */
    readonly labelMean?: number;
  };
  readonly quality: readonly QualityRow[];
  /** Of the newest day that has enough predictions, labels or not. */
  readonly estimated?: {
    readonly method: 'CBPE';
    readonly calibratedOn: 'hold-out' | 'served labels';
    readonly day: string;
    readonly rowCount: number;
    readonly metrics: EstimatedValues;
    /** Mature days by whose errors the intervals are widened; below `fewestReconciled` they are of sampling alone. */
    readonly reconciledCount: number;
    readonly fewestReconciled: number;
    /** Share of reconciled days whose measured value lay inside: of sampling alone, and of those told widened. */
    readonly coverage?: Readonly<
      Partial<
        Record<
          EstimatedMetric,
          {
            readonly dayCount: number;
            readonly sampling: number;
            readonly widened?: number;
            readonly widenedDayCount: number;
          }
        >
      >
    >;
  };
  readonly fairness?: FairnessReport;
  readonly kpis?: readonly KpiRow[];
  readonly concept?: ConceptDrift;
  readonly labelDrift?: LabelDrift;
  readonly limits: readonly LimitFinding[];
  /** Up to 120 days, oldest first; the newest are still without labels. */
  readonly days: readonly DayPerformance[];
}
