import type { Task } from '../evaluation/index.ts';

/** How a feature is compared; `whole-weeks` features (calendar) only over whole weeks, as a part week always differs. */
export interface MonitoredFeature {
  readonly name: string;
  readonly type: 'number' | 'category';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly monitor: 'report' | 'whole-weeks';
}

interface FeatureProfileBase {
  readonly name: string;
  readonly monitor: 'report' | 'whole-weeks';
  readonly rowCount: number;
  readonly missingCount: number;
  readonly outOfRangeCount: number;
}

export interface NumberProfile extends FeatureProfileBase {
  readonly type: 'number';
  readonly min?: number;
  readonly max?: number;
  /** Inner edges of the bins: bin i holds `edges[i − 1] < x ≤ edges[i]`. */
  readonly edges: readonly number[];
  /** One count a bin. Missing values are counted in `missingCount` only. */
  readonly counts: readonly number[];
  /** Absent when every value is missing. */
  readonly mean?: number;
  readonly standardDeviation?: number;
}

export interface CategoryProfile extends FeatureProfileBase {
  readonly type: 'category';
  /** The most frequent categories, most frequent first. */
  readonly categories: readonly string[];
  /** One count a category, and last that of all others. */
  readonly counts: readonly number[];
}

export type FeatureProfile = NumberProfile | CategoryProfile;

/** What the drift check may expect when nothing has changed: the reference's own windows against the rest of it. */
export interface NullWindows {
  readonly windowDays: number;
  /** Prediction PSI of the trailing window that ends with each day, oldest first. */
  readonly predictionPsi: readonly number[];
}

/** A model version's picture of the rows it learnt from, and of its answers to them. */
export interface ReferenceProfile {
  readonly schemaVersion: 1;
  readonly task: Task;
  readonly rowCount: number;
  /** First and last event time of the rows. */
  readonly fromMs: number;
  readonly throughMs: number;
  readonly features: readonly FeatureProfile[];
  readonly prediction: {
    readonly edges: readonly number[];
    readonly counts: readonly number[];
    readonly mean: number;
    readonly standardDeviation: number;
  };
  readonly labelMean: number;
  readonly nullWindows: NullWindows;
}
