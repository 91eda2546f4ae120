import type { ApprovalSetting, VersionScore } from '../governance/index.ts';
import type { ModelVersion, PackagedVersion, Rollout, TrainingRun } from '../registry/index.ts';
import type { Reproduction } from '../reproduction/index.ts';
import type { Attestation } from './attestation.ts';

/**
 * What the platform has on record about a model, as far as a score is made from it: read anew for each score. Whatever
 * is not on record is absent, and counts for nothing.
 */

/** Something on record, and where. */
export interface Recorded<T> {
  readonly where: string;
  /** When it was recorded. */
  readonly atMs: number;
  readonly content: T;
}

export interface RecordedFeature {
  readonly name: string;
  readonly type: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly nullable: boolean;
}

/** A definition, as it is deployed. */
export interface RecordedDefinition {
  readonly task: string;
  readonly approval: ApprovalSetting;
  readonly featureViewCount: number;
  readonly notificationCount: number;
  /** What starts a training by itself, such as `drift`. */
  readonly retrainsOn: readonly string[];
}

/** What a version was made from. */
export interface RecordedMaterials {
  readonly features: readonly RecordedFeature[];
  /** Bundles whose digests are on record. */
  readonly functionCount: number;
}

export interface RecordedEvaluation {
  readonly passed: boolean;
  readonly findings: readonly { readonly rule: string; readonly passed: boolean; readonly message: string }[];
  readonly loss: number;
  readonly baseline: { readonly prediction: number; readonly loss: number };
}

/** Mean ± by the days of the holdout. */
interface ByDays {
  readonly lower: number;
  readonly upper: number;
}

export interface RecordedReport {
  readonly importance: readonly {
    readonly feature: string;
    readonly lossIncrease: number;
    readonly interval?: ByDays | undefined;
  }[];
  readonly slices: readonly {
    readonly feature: string;
    readonly value: string;
    readonly rowCount: number;
    readonly labelMean: number;
    readonly loss: number;
  }[];
  /** A simpler model that learnt from the same rows, on the same holdout. */
  readonly simplerModel?:
    | {
        readonly what: string;
        readonly loss: number;
        /** By how much its mean daily loss is above the candidate's. */
        readonly lossAboveCandidate: {
          readonly mean: number;
          readonly lower?: number | undefined;
          readonly upper?: number | undefined;
        };
      }
    | undefined;
}

export interface RecordedFeatureReport {
  readonly passed: boolean;
  readonly findings: readonly string[];
  readonly rowCount: number;
}

export interface RecordedReplay {
  readonly outcome: string;
  readonly rowCount: number;
  readonly challengerFailures: number;
  /** Median time of one row. */
  readonly latency?: { readonly challengerMs: number; readonly championMs: number } | undefined;
}

/** A day's drift report. */
export interface RecordedDrift {
  readonly version: number;
  readonly rowCount: number;
  readonly outOfRangeShareMax?: number | undefined;
  readonly missingShareMax?: number | undefined;
  /** Columns, the prediction among them, whose values that are not finite were counted; absent where none were. */
  readonly watchedColumnCount?: number | undefined;
  /** Of these, the ones that have more of them than the reference. */
  readonly notFiniteColumns: readonly string[];
}

/** A day's audit of served features against the training transform. */
export interface RecordedSkew {
  readonly comparedCount: number;
  readonly skewShareMax: number;
}

export interface RecordedPerformance {
  readonly status: string;
  readonly limitCount: number;
  readonly crossed: readonly string[];
  /** Declared slices with a quality of their own. */
  readonly slices: readonly string[];
  /** Columns whose groups were compared, and the largest difference of a metric between groups. */
  readonly fairness?: { readonly by: readonly string[]; readonly metricCount: number } | undefined;
}

/** A day's test suite: the checks that were carried out, skipped ones left out. */
export interface RecordedTests {
  readonly tests: readonly { readonly check: string; readonly passed: boolean; readonly reason: string }[];
}

export interface RecordedStaleness {
  readonly points: readonly {
    readonly fromDays: number;
    readonly toDays: number;
    readonly addedLoss: number;
    readonly lower?: number | undefined;
  }[];
  readonly statement: string;
}

/** One captured prediction, computed again operator by operator. */
export interface RecordedTrace {
  readonly predictionId: string;
  readonly version: number;
  readonly operatorCount: number;
  readonly treeCount: number;
  /** |traced − answered|. */
  readonly difference: number;
  readonly notFiniteCount: number;
}

/** What a version promised on its holdout and what it lost in service, both in the loss of the model's task. */
export interface RecordedRelease {
  readonly version: number;
  readonly offlineLoss: number;
  readonly onlineLoss: number;
  readonly where: string;
  readonly atMs: number;
}

export interface ModelRecords {
  readonly model: string;
  readonly nowMs: number;
  readonly definition?: RecordedDefinition | undefined;
  /** In service. */
  readonly version?: PackagedVersion | undefined;
  /** Of that version. */
  readonly run?: TrainingRun | undefined;
  readonly materials?: Recorded<RecordedMaterials> | undefined;
  readonly evaluation?: Recorded<RecordedEvaluation> | undefined;
  readonly report?: Recorded<RecordedReport> | undefined;
  readonly featureReport?: Recorded<RecordedFeatureReport> | undefined;
  readonly explanation?: Recorded<{ readonly backgroundRowCount: number; readonly coverCount: number }> | undefined;
  /** Of the version, on any dataset. */
  readonly scores: readonly VersionScore[];
  /** Newest first, as each of these lists. */
  readonly versions: readonly ModelVersion[];
  readonly runs: readonly TrainingRun[];
  readonly rollouts: readonly Rollout[];
  /** Features of versions that were promoted, by version. */
  readonly featureLists: readonly { readonly version: number; readonly features: readonly string[] }[];
  /** Of any version. */
  readonly reproductions: readonly Recorded<Reproduction & { readonly version: number }>[];
  /** Of the rollout by which the version came into service. */
  readonly replay?: Recorded<RecordedReplay> | undefined;
  readonly drift?: Recorded<RecordedDrift> | undefined;
  readonly skew?: Recorded<RecordedSkew> | undefined;
  readonly performance?: Recorded<RecordedPerformance> | undefined;
  readonly tests?: Recorded<RecordedTests> | undefined;
  readonly staleness?: Recorded<RecordedStaleness> | undefined;
  readonly trace?: Recorded<RecordedTrace> | undefined;
  readonly releases: readonly RecordedRelease[];
  readonly attestations: readonly Attestation[];
}
