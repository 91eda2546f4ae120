import type { RoutingSettings } from '../routing/index.ts';

/** A model version and what is decided about it. Pure data; the rules stand beside. */

/** REFERENCED: a client's version whose bytes stand elsewhere; it is neither approved nor rolled out. */
export type VersionStatus = 'PENDING_APPROVAL' | 'APPROVED' | 'REJECTED' | 'REFERENCED';
/** The aliases that rollouts move; a client may set any other. */
export type RegistryAlias = 'champion' | 'challenger';
/** MLflow's stages: words that clients put on versions. What serves is the rollouts' matter alone. */
export type VersionStage = 'None' | 'Staging' | 'Production' | 'Archived';

/** Values by key. Keys are the caller's: read with `Object.hasOwn`, written through `Object.fromEntries`. */
type Texts = Readonly<Record<string, string>>;

/** Whether a version may be rolled out (in use), may not but stays whole (retired), or stands on record only (archived). */
export type VersionLifecycle = 'IN_USE' | 'RETIRED' | 'ARCHIVED';

/** One principal's word for a version. */
export interface Approval {
  readonly principal: string;
  readonly atMs: number;
  readonly reason?: string;
}

/** One rule of an approval policy, as it was found when a decision was taken. */
export interface RuleResult {
  readonly rule: string;
  readonly passed: boolean;
  readonly detail: string;
}

/**
 * How a version that a client registered stands on its way to a package of ours. REFUSED: what was brought cannot be
 * served, or is not good enough; FAILED: something stopped us, so asking again may help.
 */
export interface Packaging {
  readonly state: 'PENDING' | 'REFUSED' | 'FAILED' | 'PACKAGED';
  /** The run that packages it. */
  readonly runId: string;
  readonly atMs: number;
  /** Why not. */
  readonly reason?: string;
}

interface VersionFields {
  readonly model: string;
  /** From 1, without gaps; the number of a deleted version is not given again. */
  readonly version: number;
  readonly status: VersionStatus;
  readonly registeredAtMs: number;
  readonly updatedAtMs: number;
  /** URI of the model's files. */
  readonly source: string;
  readonly stage: VersionStage;
  readonly description: string;
  readonly tags: Texts;
  readonly decidedBy?: string;
  readonly decidedAtMs?: number;
  readonly decisionReason?: string;
  /** Who approved it, in order, where the policy asks persons. */
  readonly approvals?: readonly Approval[];
  /** The rules that its approval was held to. */
  readonly decisionEvidence?: readonly RuleResult[];
  /** Absent while it is in use. */
  readonly lifecycle?: Exclude<VersionLifecycle, 'IN_USE'>;
  readonly lifecycleAtMs?: number;
  readonly lifecycleBy?: string;
  readonly lifecycleReason?: string;
  /** Since when its files may be gone. */
  readonly collectedAtMs?: number;
  /** Absent for a version that no client registered, or that nobody tried to package. */
  readonly packaging?: Packaging;
  /** What a client said of a version that it registered. */
  readonly runLink?: string;
  /** The logged model that it was registered from. */
  readonly modelId?: string;
  readonly userId?: string;
}

/**
 * A version whose package stands in the artifact bucket, so that it may be rolled out: one that a pipeline registered, or
 * a client's that was packaged since.
 */
export interface PackagedVersion extends VersionFields {
  readonly runId: string;
  /** The run's id in the tracking API: of a client's version its own; absent for one promoted from another stage. */
  readonly trackingRunId?: string;
  readonly modelDigest: string;
  /** Prefix in the artifact bucket that holds model.onnx, signature.json, manifest.json, reference-profile.json … */
  readonly artifactPrefix: string;
  readonly manifestDigest: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Newest instant whose knowledge the training rows hold. */
  readonly trainedThroughMs: number;
  readonly datasetSnapshot: string;
  /** The version of another stage that this one was promoted from; absent for one that was trained here. */
  readonly origin?: { readonly stage: string; readonly version: number };
  /** The principal that brought it, where that is not the one who asked for its run. */
  readonly submittedBy?: string;
}

/** A version that an MLflow client registered: a source and what the client says about it. */
export interface ReferencedVersion extends VersionFields {
  readonly status: 'REFERENCED';
  /** Where the files are, when `source` names another version or a logged model. */
  readonly storageLocation?: string;
  /** A run of the tracking API. */
  readonly runId?: string;
  readonly modelDigest?: undefined;
}

export type ModelVersion = PackagedVersion | ReferencedVersion;

/** Version numbers by alias. Any alias of a client's may stand beside the two of the rollouts. */
export interface Aliases {
  readonly champion?: number;
  readonly challenger?: number;
  readonly [alias: string]: number | undefined;
}

export interface RegisteredModel {
  readonly model: string;
  readonly owner: string;
  readonly latestVersion: number;
  readonly aliases: Aliases;
  readonly description: string;
  readonly tags: Texts;
  /** Absent for a model that was registered before this was recorded. */
  readonly createdAtMs?: number;
  readonly updatedAtMs?: number;
  /** A pipeline registers its versions: rollouts move its champion, and its name stands in lineage. */
  readonly packaged: boolean;
  /** Where a store keeps its versions, if it stays the same when the model is renamed. */
  readonly home?: string;
  /** The greatest version number of each stage. */
  readonly latestByStage: Readonly<Partial<Record<VersionStage, number>>>;
}

/** Who changes the registry, and when. */
export interface Authorship {
  /** A caller's ARN or token name, or `workflow:<name>`. */
  readonly principal: string;
  readonly atMs: number;
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
  /** Estimated, in dollars; absent from a run from before this was recorded, and where nobody knows it. */
  readonly costUsd?: number;
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
  /** The same with the instant at which each was set; absent on a rollout from before this was recorded. */
  readonly shifts?: readonly TrafficShift[];
  readonly reason?: string;
  /** Present where the model's plan divides its requests (`router: exact`), as the definition said at the start. */
  readonly routing?: RoutingSettings;
  /** Of the versions that the published function version may serve, where a plan divides the requests. */
  readonly rosterDigest?: string;
  /** What a person decided while it ran: the first decision stands. */
  readonly decision?: RolloutDecision;
  /** Who asked for it, where that was no approval and no deploy. */
  readonly asked?: RolloutRequest;
}

/** A person's wish for another canary of a version that was rolled out before. */
export interface RolloutRequest {
  readonly by: string;
  readonly reason: string;
  /** The same again is the same wish. */
  readonly requestId: string;
}

/** A person's word on a running rollout; it goes before the judge's. */
export interface RolloutDecision {
  readonly action: 'promote' | 'roll back';
  readonly reason: string;
  readonly decidedBy: string;
  readonly decidedAtMs: number;
}

/** From this instant the version under test got this share of the traffic. */
export interface TrafficShift {
  readonly weight: number;
  readonly atMs: number;
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
