import type {
  Approval,
  Authorship,
  Deployment,
  ModelVersion,
  PackagedVersion,
  Packaging,
  RegisteredModel,
  RegistryAlias,
  Rollout,
  RolloutDecision,
  RuleResult,
  TrainingRun,
  VersionLifecycle,
} from '../core/registry/index.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** What a pipeline says of a version; the rest is what every new version has. */
export type NewPackagedVersion = Omit<
  PackagedVersion,
  'version' | 'status' | 'updatedAtMs' | 'source' | 'stage' | 'description' | 'tags'
> &
  Partial<Pick<PackagedVersion, 'description' | 'tags'>>;

/** What a run makes of a version that a client registered. Its number, source, notes and times stay. */
export type NewPackage = Pick<
  PackagedVersion,
  | 'model'
  | 'runId'
  | 'modelDigest'
  | 'artifactPrefix'
  | 'manifestDigest'
  | 'metrics'
  | 'trainedThroughMs'
  | 'datasetSnapshot'
> & {
  readonly version: number;
  readonly owner: string;
  /** Of the run; shown unless the client named a run of its own. */
  readonly trackingRunId: string;
  /** Who asked for it: counts as who brought it where the client is not on record. */
  readonly submittedBy: string;
  /** Key of the tag that says so. */
  readonly tag: string;
} & Authorship;

/**
 * Registered models, their versions, runs, rollouts and deployments. Every write is conditional or keyed: doing it
 * again with the same arguments changes nothing and returns what stands.
 */
export interface ModelRegistry {
  /**
   * Registers the version of a run: the next number, the version item and its lineage edges in one transaction.
   * The same `runId` again returns the version it has.
   * @throws ConflictError when the contention outlasts `deadlineMs`.
   */
  registerVersion(
    version: NewPackagedVersion & { readonly owner: string; readonly principal: string },
    deadlineMs: number,
  ): Promise<ModelVersion>;
  /**
   * Gives a client's version its package and sends it to approval, with its lineage edges, in one transaction; the model
   * becomes one that rollouts serve. The same `runId` again, and another run with the very same bytes, return what stands.
   * @param admit throws for a standing version that is not to be packaged; asked again when another came first.
   * @throws NotFoundError for a version that was deleted meanwhile.
   */
  packageVersion(made: NewPackage, admit: (standing: ModelVersion) => void): Promise<ModelVersion>;
  /**
   * Notes on a client's version how its packaging stands, and in the tag of this key; a version that is gone stays so.
   * @param decide says what to note, undefined for nothing; asked again when another came first.
   */
  notePackaging(
    note: { readonly model: string; readonly version: number; readonly tag: string; readonly atMs: number },
    decide: (standing: ModelVersion) => Packaging | undefined,
  ): Promise<void>;
  /** Without the tags that are too long for its item. @throws NotFoundError */
  getVersion(model: string, version: number): Promise<ModelVersion>;
  /** Without the tags that are too long for its item. @throws NotFoundError */
  getModel(model: string): Promise<RegisteredModel>;
  listModels(limit: number, cursor?: string): Promise<Page<RegisteredModel>>;
  /** Newest first. */
  listVersions(model: string, limit: number, cursor?: string): Promise<Page<ModelVersion>>;
  /**
   * Approves or rejects a pending version; the same decision again returns what stands.
   * @throws NotFoundError
   * @throws InvalidStateError when the other decision was taken before, or the version has no package.
   */
  decideVersion(decision: {
    readonly model: string;
    readonly version: number;
    readonly status: 'APPROVED' | 'REJECTED';
    readonly decidedBy: string;
    readonly decidedAtMs: number;
    readonly decisionReason?: string;
    /** The rules that it was held to. */
    readonly decisionEvidence?: readonly RuleResult[];
  }): Promise<ModelVersion>;
  /**
   * Adds a principal's approval to a pending version as `judge` says, and approves it if that makes it so. Of a version
   * that is approved, and for an approval that changes nothing, returns what stands.
   * @param judge is asked again with what stands then when another came first. What it throws is thrown.
   * @throws NotFoundError
   * @throws InvalidStateError for a version that is rejected or has no package.
   */
  approveVersion(
    approval: { readonly model: string; readonly version: number; readonly approval: Approval },
    judge: (standing: PackagedVersion) => {
      readonly status: 'PENDING_APPROVAL' | 'APPROVED';
      readonly approvals: readonly Approval[];
      readonly evidence: readonly RuleResult[];
    },
  ): Promise<ModelVersion>;
  /**
   * Moves a version to where `decide` says it goes; where it is already, it stays as it is.
   * @param decide is asked again when another came first. What it throws is thrown.
   * @throws NotFoundError
   * @throws InvalidStateError when the version serves and would no longer be in use.
   * @throws ConflictError while a rollout of the model runs.
   */
  moveVersion(
    move: {
      readonly model: string;
      readonly version: number;
      readonly move: 'retire' | 'reinstate' | 'archive';
      readonly reason: string;
    } & Authorship,
    decide: (standing: ModelVersion) => VersionLifecycle,
  ): Promise<ModelVersion>;
  /** Notes, before they go, that an archived version's files are collected. @throws InvalidStateError for any other. */
  collectVersion(collection: { readonly model: string; readonly version: number } & Authorship): Promise<ModelVersion>;
  /** Points the alias to an approved version; of `undefined` takes it away. */
  setAlias(
    move: {
      readonly model: string;
      readonly alias: RegistryAlias;
      readonly version: number | undefined;
    } & Authorship,
  ): Promise<void>;

  /** Creates the run's item, or returns the one that stands. */
  startRun(
    run: Pick<TrainingRun, 'model' | 'runId' | 'executionArn' | 'cause' | 'startedAtMs' | 'costUsd'>,
  ): Promise<TrainingRun>;
  endRun(
    run: Pick<TrainingRun, 'model' | 'runId' | 'outcome' | 'costUsd'> & {
      status: 'FINISHED' | 'FAILED';
      endedAtMs: number;
      version?: number;
    },
  ): Promise<void>;
  getRun(model: string, runId: string): Promise<TrainingRun | undefined>;
  /** Newest first. */
  listRuns(model: string, limit: number, cursor?: string): Promise<Page<TrainingRun>>;

  /**
   * Takes the model's rollout lease and writes the rollout's item and its lineage edge in one transaction.
   * The same `rolloutId` again returns what stands.
   * @throws ConflictError while another rollout of the model runs.
   */
  startRollout(rollout: Omit<Rollout, 'status' | 'weights' | 'shifts'>): Promise<Rollout>;
  updateRollout(
    model: string,
    rolloutId: string,
    change: Partial<Pick<Rollout, 'lambdaVersion' | 'codeSha256' | 'rosterDigest' | 'weights' | 'shifts'>>,
  ): Promise<Rollout>;
  /**
   * Notes a person's word on a running rollout; the same action again returns what stands.
   * @throws NotFoundError
   * @throws InvalidStateError for a rollout that is over, and where somebody decided otherwise before.
   */
  decideRollout(decision: { readonly model: string; readonly rolloutId: string } & RolloutDecision): Promise<Rollout>;
  /**
   * Ends the rollout and frees the lease; with `deployment` also writes what serves now, moves `champion` and adds
   * the lineage edges version → deployment and rollout → deployment, all in one transaction.
   */
  endRollout(end: {
    readonly model: string;
    readonly rolloutId: string;
    readonly status: Exclude<Rollout['status'], 'RUNNING'>;
    readonly endedAtMs: number;
    readonly reason?: string;
    readonly deployment?: Deployment;
    /** Of the person who ends it; takes the place of any that stood. */
    readonly decision?: RolloutDecision;
    /** With the weight that its end sets. */
    readonly weights?: Rollout['weights'];
    readonly shifts?: NonNullable<Rollout['shifts']>;
    /** Who ends it; recorded with a deployment. */
    readonly principal: string;
  }): Promise<Rollout>;
  getRollout(model: string, rolloutId: string): Promise<Rollout | undefined>;
  /** Newest first. */
  listRollouts(model: string, limit: number, cursor?: string): Promise<Page<Rollout>>;
  getDeployment(model: string): Promise<Deployment | undefined>;
  /** Counter, lease and deployment as they were together: no promotion comes in between. */
  getServingSnapshot(model: string): Promise<ServingSnapshot>;
}

/** What the registry says of a model's endpoint at one instant. */
export interface ServingSnapshot {
  /** 0 before the first version. */
  readonly latestVersion: number;
  /** The rollout that holds the lease. */
  readonly runningRolloutId?: string;
  readonly deployment?: Deployment;
}

/** Makes request-training start an execution once per cause, and never inside a cool-down. */
export interface RetrainingLedger {
  /**
   * Claims `requestKey` for the model. `started` when this call took it; `duplicate` when it was taken before (with
   * the execution it led to, and when); `cooling-down` with the end of the cool-down when a claim that obeys it came
   * too soon.
   */
  claim(request: {
    readonly model: string;
    readonly requestKey: string;
    readonly requestedAtMs: number;
    /** 0 for calls and schedules: only alarms obey the cool-down, everything that starts begins one. */
    readonly coolDownMs: number;
  }): Promise<
    | {
        readonly outcome: 'started' | 'duplicate';
        readonly executionName: string;
        /** When the claim was taken: the start of a cool-down. */
        readonly requestedAtMs: number;
      }
    | { readonly outcome: 'cooling-down'; readonly coolDownEndsAtMs: number }
  >;
}
