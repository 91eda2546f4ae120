/**
 * What a day's drift check found, as `reports/<model>/drift/<day>.json` has it. Version 2 adds to version 1: whoever reads
 * `status`, `reason`, `comparison` and `metrics` finds them where they were. A report of version 1 has no more than those.
 */
export interface DriftReport {
  readonly schemaVersion: 2;
  readonly model: string;
  /** The version in service, to whose reference the window was held. */
  readonly version: number;
  readonly status: DriftReportStatus;
  /** The decision as a sentence, with its numbers. */
  readonly reason: string;
  /** The window of whole UTC days. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowCount: number;
  /** UTC days of the window that have rows. */
  readonly dayCount: number;
  readonly limits: {
    readonly windowDays: number;
    readonly minRows: number;
    readonly predictionPsiLimit: number;
  };
  /** The reference's own windows against the rest of it, held to the floor's limit. */
  readonly nullWindows: { readonly windowCount: number; readonly aboveLimitCount: number; readonly psiMax: number };
  readonly comparison: WindowComparisonReport;
  /** What is published, by the keys of `METRIC_NAMES`; what is not known is absent. */
  readonly metrics: {
    readonly windowRows: number;
    readonly driftEvidence?: number;
    readonly predictionPsi?: number;
    readonly featurePsiMax?: number;
    readonly missingShareMax?: number;
    readonly outOfRangeShareMax?: number;
  };
  readonly decision: DriftDecision;
  /** Absent for a version from before profiles by day: its reference knows counts in bins and no more. */
  readonly profiles?: ProfileFindings;
  readonly volume: VolumeReport;
  readonly freshness: FreshnessReport;
  /** Predictions by the version that answered. */
  readonly versions: Readonly<Record<string, number>>;
  /** Prediction lines that repeated an id, and were not counted. */
  readonly duplicateCount: number;
}

export type DriftReportStatus = 'not-enough-evidence' | 'within-limit' | 'above-limit';

/** The window by the reference's bins, as version 1 has it. */
export interface WindowComparisonReport {
  readonly columns: readonly {
    readonly name: string;
    readonly missingShare: number;
    readonly outOfRangeShare: number;
    /** Over the reference's bins and one for missing values; absent when the window has no rows for the feature. */
    readonly psi?: number;
    /** (window's mean − reference's mean) / reference's standard deviation; absent where either is unknown or 0. */
    readonly meanShift?: number;
  }[];
  readonly featurePsiMax: number;
  readonly missingShareMax: number;
  readonly outOfRangeShareMax: number;
  /** Absent without rows. */
  readonly predictionPsi?: number;
  readonly predictionMean?: number;
  readonly referencePredictionMean: number;
}

/** By what the window was judged. */
export interface DriftDecision {
  /** `floor`: no limit could be calibrated, and the PSI of the prediction decides. */
  readonly mode: 'calibrated' | 'floor';
  /** What the limit holds, or why there is none. */
  readonly statement: string;
  /** Statistic ÷ limit; above 1 it speaks for drift. Absent without enough evidence. */
  readonly evidence?: number;
  readonly statistic?: number;
  readonly limit: number;
  readonly falseAlarmsPerYear?: number;
  readonly expectedEpisodesPerYear?: number;
  /** The open one; its last day included. */
  readonly episode?: {
    /** Day (`YYYY-MM-DD`) whose check opened it. */
    readonly since: string;
    readonly opened: boolean;
    readonly ended: boolean;
    /** Largest evidence so far. */
    readonly peak: number;
  };
  /** The strongest changes, strongest first, whether or not there is an alarm. */
  readonly findings: readonly {
    readonly column: string;
    /** `all` is the whole traffic. */
    readonly slice: string;
    readonly change: 'level' | 'spread' | 'missing' | 'share';
    readonly category?: string;
    /** In standard deviations of the reference, or Cohen's h of a share. */
    readonly effect: number;
    readonly spanDays: number;
    readonly statistic: number;
    readonly pValue: number;
  }[];
  /** Inside an alarm: what false-discovery control names, by contribution. The shares of each list sum to 1. */
  readonly columns: readonly NamedShare[];
  readonly slices: readonly NamedShare[];
}

interface NamedShare {
  readonly name: string;
  readonly share: number;
}

/** Every measure, from the profiles of window and reference. */
export interface ProfileFindings {
  /** Names the bins. */
  readonly binsId: string;
  readonly referenceRows: number;
  readonly referenceDays: number;
  /** Features, and last `@prediction`. */
  readonly columns: readonly ColumnDriftReport[];
  /** What is worse in the window than in the reference. */
  readonly quality: readonly QualityFindingReport[];
  /** The window's days, oldest first: PSI of each column of the day against the reference; what has no rows is left out. */
  readonly days: readonly {
    readonly day: string;
    readonly rowCount: number;
    readonly psi: Readonly<Record<string, number>>;
  }[];
  /** Declared slices of the window: rows, and PSI by column. */
  readonly slices: readonly {
    readonly name: string;
    readonly rowCount: number;
    readonly psi: Readonly<Record<string, number>>;
  }[];
  /**
   * Where several versions answered in the window: what each did against the reference of the version in service, oldest
   * first. PSI by column, absent below `limits.minRows` predictions. It decides nothing.
   */
  readonly versions?: readonly VersionDriftReport[];
}

export interface VersionDriftReport {
  readonly version: number;
  readonly rowCount: number;
  readonly psi?: Readonly<Record<string, number>>;
}

export interface ColumnDriftReport {
  readonly name: string;
  readonly type: 'number' | 'category';
  readonly psi: number;
  readonly jensenShannon: number;
  readonly chiSquare: { readonly statistic: number; readonly degreesOfFreedom: number; readonly pValue: number };
  readonly kolmogorovSmirnov?: {
    readonly statistic: number;
    readonly low: number;
    readonly high: number;
    readonly pValue: number;
  };
  readonly wasserstein?: { readonly distance: number; readonly normed: number; readonly errorBound: number };
  /** The measure for this type and size, and what it says. */
  readonly measure: 'wasserstein' | 'kolmogorov-smirnov' | 'jensen-shannon' | 'chi-square' | 'z-test';
  readonly score: number;
  readonly threshold: number;
  readonly drifted: boolean;
  /** The distribution: counts by bin of reference and window. */
  readonly bins: ColumnBinsReport;
}

export interface ColumnBinsReport {
  /** Inner edges of a number's bins: bin i holds `edges[i − 1] < x ≤ edges[i]`. */
  readonly edges?: readonly number[];
  /** Categories with a bin of their own; the last bin is that of all others. */
  readonly categories?: readonly string[];
  readonly reference: readonly number[];
  readonly window: readonly number[];
  readonly referenceMissing: number;
  readonly windowMissing: number;
}

export interface QualityFindingReport {
  readonly kind: string;
  /** Absent of what concerns the rows. */
  readonly column?: string;
  /** Of the rows, in [0, 1]. */
  readonly share?: number;
  readonly referenceShare?: number;
  readonly pValue?: number;
  readonly detail?: string;
}

/** Whether as many predictions came as were to be expected. */
export interface VolumeReport {
  /** `unknown`: too few earlier days to say. */
  readonly status: 'as expected' | 'too few' | 'too many' | 'unknown';
  readonly reason: string;
  /** The window's last day. */
  readonly day: string;
  readonly rowCount: number;
  /** By the same weekday of earlier weeks, or by the last days and the reference's week. Absent when unknown. */
  readonly expected?: number;
  readonly basis?: 'earlier weeks' | 'reference weekdays';
  /** |ln(rows ÷ expected)| in its usual deviations. */
  readonly deviations?: number;
  /** Predictions by day, oldest first: the last eight weeks, as far as they are known. */
  readonly days: readonly { readonly day: string; readonly rowCount: number }[];
}

/** How old the newest of everything is, at the end of the window. */
export interface FreshnessReport {
  readonly status: 'fresh' | 'stale';
  /** What is too old, as sentences; none when fresh. */
  readonly reasons: readonly string[];
  readonly lastPredictionAtMs?: number;
  /** Newest UTC day under which data lies. */
  readonly lastDataDay?: string;
}
