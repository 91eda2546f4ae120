/** A model version and what is decided about it. Pure data; the rules stand beside. */

export type VersionStatus = 'PENDING_APPROVAL' | 'APPROVED' | 'REJECTED';
export type RegistryAlias = 'champion' | 'challenger';

export interface ModelVersion {
  readonly model: string;
  /** From 1, without gaps. */
  readonly version: number;
  readonly runId: string;
  readonly status: VersionStatus;
  readonly modelDigest: string;
  /** Prefix in the artifact bucket that holds model.onnx, signature.json, manifest.json, reference-profile.json … */
  readonly artifactPrefix: string;
  readonly manifestDigest: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Newest instant whose knowledge the training rows hold. */
  readonly trainedThroughMs: number;
  readonly datasetSnapshot: string;
  readonly registeredAtMs: number;
  readonly decidedBy?: string;
  readonly decidedAtMs?: number;
  readonly decisionReason?: string;
  /** The version of another stage that this one was promoted from; absent for one that was trained here. */
  readonly origin?: { readonly stage: string; readonly version: number };
}

export interface RegisteredModel {
  readonly model: string;
  readonly owner: string;
  readonly latestVersion: number;
  readonly aliases: Readonly<Partial<Record<RegistryAlias, number>>>;
}

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED';

/** One execution of a training pipeline, as its users see it. */
export interface TrainingRun {
  readonly model: string;
  /** The execution's name. */
  readonly runId: string;
  readonly executionArn: string;
  readonly status: RunStatus;
  readonly cause: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Why it failed or was refused, with the numbers. */
  readonly outcome?: string;
  readonly version?: number;
}

export type RolloutStatus = 'RUNNING' | 'PROMOTED' | 'ROLLED_BACK' | 'FAILED';

/** One canary: of a model version, or of code (the same model version on new code). */
export interface Rollout {
  readonly model: string;
  /** The rollout execution's name. Only one rollout of a model runs at a time. */
  readonly rolloutId: string;
  readonly kind: 'model' | 'code';
  readonly version: number;
  readonly status: RolloutStatus;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Published Lambda version under test and the one that served before it. */
  readonly lambdaVersion?: string;
  readonly previousLambdaVersion: string;
  readonly previousVersion?: number;
  readonly codeSha256?: string;
  /** Every weight that was set, in order. */
  readonly weights: readonly number[];
  readonly reason?: string;
}

/** What serves now: written by the rollout that promoted it. */
export interface Deployment {
  readonly model: string;
  readonly version: number;
  readonly lambdaVersion: string;
  readonly codeSha256: string;
  readonly rolloutId: string;
  readonly promotedAtMs: number;
}
