import type { Deployment, PackagedVersion, Rollout, TrainingRun } from '../../../shared/core/registry/index.ts';
import type { Effect } from './effects.ts';

/** All that is known about a run when it is over: what the invariants are judged by. Plain data. */
export interface ChaosFacts {
  readonly models: readonly ModelFacts[];
  /** Every edge as it stands at one of its ends. */
  readonly lineage: readonly StandingEdge[];
  readonly executions: readonly ExecutionFacts[];
  readonly effects: readonly Effect[];
  /** Bodies of what the alarm topic sent to the operator. */
  readonly mails: readonly unknown[];
  /** Queue → messages in it, dead-letter queues only. */
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly alarms: readonly { readonly name: string; readonly to: string; readonly atMs: number }[];
  /** Errors in the log of the cloud itself. */
  readonly problems: readonly string[];
}

/** What pipelines write of a version; what clients say about it is no fact of a run. */
export type VersionFacts = Omit<PackagedVersion, 'updatedAtMs' | 'source' | 'stage' | 'description' | 'tags'>;

export interface ModelFacts {
  readonly name: string;
  /** The newest version that a run brings into service: what ends elsewhere did not recover from its faults. */
  readonly expectedVersion: number;
  /** The counter; 0 before the first version. */
  readonly latestVersion: number;
  readonly champion?: number;
  readonly versions: readonly VersionFacts[];
  /** The version that each run claims. */
  readonly runVersions: Readonly<Record<string, number>>;
  readonly runs: readonly TrainingRun[];
  readonly rollouts: readonly Rollout[];
  /** Rollout that holds the lease. */
  readonly leaseOf?: string;
  readonly deployment?: Deployment;
  readonly alias: { readonly lambdaVersion: string; readonly weights: Readonly<Record<string, number>> };
  /** Model version that each published Lambda version pins; 0 for the one that waits for a first model. */
  readonly pins: Readonly<Record<string, number>>;
  readonly artifacts: readonly ArtifactFacts[];
  readonly answered: readonly AnsweredPrediction[];
  readonly captured: readonly CapturedPrediction[];
  /** Predictions that the inference function counted as answered without a capture. */
  readonly captureFailures: number;
  readonly windows: readonly WindowFacts[];
}

/** What lies under a version's prefix. */
export interface ArtifactFacts {
  readonly version: number;
  /** Digest of the manifest as it lies there; absent when it does not exist. */
  readonly manifestDigest?: string;
  /** File → digest as it lies there and as the manifest says. */
  readonly files: Readonly<Record<string, { readonly found?: string; readonly stated?: string }>>;
}

export interface AnsweredPrediction {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly output: number;
  /** What the bytes of that version answer to the same row; absent when they cannot be loaded. */
  readonly expected?: number;
}

export interface CapturedPrediction {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly output: number;
  readonly modelDigest: string;
}

/** What a drift check counted. */
export interface WindowFacts {
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowCount: number;
}

export interface ExecutionFacts {
  readonly arn: string;
  readonly name: string;
  readonly workflow: string;
  readonly status: string;
  readonly model?: string;
}

export interface StandingEdge {
  readonly upstream: { readonly kind: string; readonly id: string };
  readonly downstream: { readonly kind: string; readonly id: string };
  /** The end under which this item stands. */
  readonly at: 'upstream' | 'downstream';
}
