import type { LineageEdge } from '../lineage/index.ts';
import type { MlTestScore } from '../ml-test-score/index.ts';
import type { PerformanceReport } from '../performance/index.ts';
import type { Deployment, TrainingRun } from '../registry/index.ts';
import type { RolloutFacts, VersionDrift } from '../reports/index.ts';
import type { ToldNotification } from './notification-list.ts';
import type { RunWorth, StalenessCurve } from './retraining-story.ts';
import type { TestTable } from './test-table.ts';

/** What is on record about a model, as far as its page tells it. Whatever is not there is undefined. */
export interface ModelFacts extends SummaryFacts {
  /** Of the newest runs, by their ids. */
  readonly worth: Readonly<Record<string, RunWorth>>;
  readonly staleness?: StalenessCurve | undefined;
  readonly lineage: readonly LineageEdge[];
  /** Newest first. */
  readonly notifications: readonly ToldNotification[];
}

/** What the fleet's page needs of a model. */
export interface SummaryFacts {
  readonly model: string;
  readonly owner: string;
  readonly description: string;
  /** When it was read. */
  readonly atMs: number;
  readonly deployment?: Deployment | undefined;
  /** Newest first. */
  readonly runs: readonly TrainingRun[];
  /** The newest one, with its looks. */
  readonly rollout?: RolloutFacts | undefined;
  /** Of the newest days, in any order. */
  readonly driftReports: readonly DriftFacts[];
  readonly performance?: PerformanceReport | undefined;
  readonly tests?: TestTable | undefined;
  readonly score?: MlTestScore | undefined;
}

/** A day's drift report; one of version 1 has neither `decision` nor `profiles`, `volume` and `freshness`. */
export interface DriftFacts {
  readonly status: 'not-enough-evidence' | 'within-limit' | 'above-limit';
  readonly reason: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowCount: number;
  readonly limits: { readonly windowDays: number; readonly predictionPsiLimit: number };
  readonly comparison: {
    readonly columns: readonly {
      readonly name: string;
      readonly missingShare: number;
      readonly outOfRangeShare: number;
      readonly psi?: number;
      readonly meanShift?: number;
    }[];
  };
  readonly metrics: { readonly driftEvidence?: number; readonly predictionPsi?: number };
  readonly decision?: {
    readonly mode: 'calibrated' | 'floor';
    readonly statement: string;
    readonly evidence?: number;
    readonly episode?: { readonly since: string; readonly ended: boolean };
    readonly columns: readonly { readonly name: string; readonly share: number }[];
    readonly slices: readonly { readonly name: string; readonly share: number }[];
  };
  readonly profiles?: {
    readonly referenceRows: number;
    readonly referenceDays: number;
    readonly columns: readonly DriftColumn[];
    readonly days: readonly { readonly day: string; readonly psi: Readonly<Record<string, number>> }[];
    readonly slices: readonly SliceDrift[];
    readonly versions?: readonly VersionDrift[];
  };
  readonly volume?: { readonly status: string; readonly reason: string };
  readonly freshness?: { readonly status: 'fresh' | 'stale'; readonly reasons: readonly string[] };
}

export interface SliceDrift {
  readonly name: string;
  readonly rowCount: number;
  readonly psi: Readonly<Record<string, number>>;
}

export interface DriftColumn {
  readonly name: string;
  readonly psi: number;
  readonly measure: string;
  readonly score: number;
  readonly threshold: number;
  readonly drifted: boolean;
  readonly bins: {
    readonly edges?: readonly number[];
    readonly categories?: readonly string[];
    readonly reference: readonly number[];
    readonly window: readonly number[];
    readonly referenceMissing: number;
    readonly windowMissing: number;
  };
}
