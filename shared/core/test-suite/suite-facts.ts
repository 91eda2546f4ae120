import type { ReferenceLimits } from './reference-limits.ts';
import type { TableValues, TestedFeature } from './table-values.ts';

/** A number and its interval of 95 %, both bounds absent where none can be had. */
export interface MeasuredValue {
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

type Metrics = Readonly<Partial<Record<string, MeasuredValue>>>;

/** What a suite judges by. All but the first group may be absent: what needs it is skipped, and says why. */
export interface SuiteFacts {
  readonly model: string;
  readonly version?: number | undefined;
  /** UTC day that is tested, `YYYY-MM-DD`; the check is at its end or later. */
  readonly day: string;
  readonly task: 'binary-classification' | 'regression';
  readonly features: readonly TestedFeature[];

  /** The day's rows beside the reference's; `missing` says why there are none. */
  readonly table: { readonly values: TableValues } | { readonly missing: string };
  readonly limits: ReferenceLimits;

  /** Of the drift report. */
  readonly volume?: VolumeFacts | undefined;
  readonly freshness?: FreshnessFacts | undefined;
  /** Mean of the labels that are known of the window, and how many they are. */
  readonly labels?: { readonly mean: number; readonly rowCount: number } | undefined;

  /** Of the performance report. */
  readonly performance?: PerformanceFacts | undefined;
  /** Of the evaluation of the version in service. */
  readonly training?: TrainingFacts | undefined;
  readonly skew?: { readonly share: number; readonly comparedCount: number; readonly features: readonly string[] };
  /** From which age on retraining was found to pay. */
  readonly paysFromDays?: number | undefined;
  readonly service?: ServiceFacts | undefined;

  /** What the definition says elsewhere, as far as it is a condition. */
  readonly declared: {
    readonly minLabelShare: number;
    readonly maxLabelShare: number;
    readonly maxOutOfRangeShare: number;
    readonly predictionPsiLimit: number;
    readonly maxAgeDays?: number | undefined;
    /** What groups are compared by, and the fewest labelled rows of a group; absent where none are. */
    readonly groups?: { readonly by: readonly string[]; readonly minRows: number } | undefined;
  };
}

interface VolumeFacts {
  readonly status: 'as expected' | 'too few' | 'too many' | 'unknown';
  readonly reason: string;
  readonly rowCount: number;
  readonly expected?: number | undefined;
  /** |ln(rows ÷ expected)| in its usual deviations. */
  readonly deviations?: number | undefined;
}

interface FreshnessFacts {
  readonly reasons: readonly string[];
  readonly lastPredictionAtMs?: number | undefined;
}

interface PerformanceFacts {
  /** The newest mature window; of all answers together where `version` is absent. */
  readonly quality: readonly {
    readonly slice: string;
    readonly version?: number | undefined;
    readonly rowCount: number;
    readonly dayCount: number;
    readonly metrics: Metrics;
  }[];
  readonly estimated?: { readonly metrics: Metrics; readonly rowCount: number } | undefined;
  /** The labels' mean by days less that of the rows held out, and what matters of it. */
  readonly labelDrift?:
    | {
        readonly gap: MeasuredValue;
        readonly dayCount: number;
        readonly referenceMean: number;
        readonly floor: number;
      }
    | undefined;
  /** Loss of the days above what their inputs lead to expect, less the same of the days held out. */
  readonly concept?: { readonly gap: MeasuredValue; readonly dayCount: number } | undefined;
  readonly fairness?:
    | {
        readonly rows: readonly {
          readonly by: string;
          readonly metric: string;
          readonly groups: readonly { readonly group: string; readonly value: MeasuredValue }[];
          readonly difference: MeasuredValue;
        }[];
        readonly summaries: readonly {
          readonly by: string;
          readonly demographicParity: { readonly difference: MeasuredValue };
          readonly equalizedOdds?: { readonly difference: MeasuredValue } | undefined;
        }[];
      }
    | undefined;
  readonly limits: readonly {
    readonly metric: string;
    readonly slice: string;
    readonly source: 'declared' | 'reference';
    readonly worse: 'above' | 'below';
    readonly limit: number;
    readonly value: MeasuredValue;
    readonly message: string;
  }[];
}

interface TrainingFacts {
  /** On the rows held out: log loss or RMSE, and what else was measured there. */
  readonly holdout: { readonly loss: number; readonly auc?: number | undefined; readonly brier?: number | undefined };
  /** The loss of each day held out. */
  readonly dayLosses: readonly number[];
  /** On the rows learnt from. */
  readonly trainingLoss?: number | undefined;
  readonly trainedThroughMs: number;
}

interface ServiceFacts {
  readonly requestCount: number;
  /** Absent where a request that fails leaves no record. */
  readonly failureCount?: number | undefined;
  readonly latencyMsP99?: number | undefined;
}
