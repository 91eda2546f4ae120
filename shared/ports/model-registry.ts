import type { LineageEdge, LineageNode } from '../core/lineage/index.ts';
import type {
  Deployment,
  ModelVersion,
  RegisteredModel,
  RegistryAlias,
  Rollout,
  TrainingRun,
} from '../core/registry/index.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

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
    version: Omit<ModelVersion, 'version' | 'status'> & { readonly owner: string },
    deadlineMs: number,
  ): Promise<ModelVersion>;
  /** @throws NotFoundError */
  getVersion(model: string, version: number): Promise<ModelVersion>;
  /** @throws NotFoundError */
  getModel(model: string): Promise<RegisteredModel>;
  listModels(limit: number, cursor?: string): Promise<Page<RegisteredModel>>;
  /** Newest first. */
  listVersions(model: string, limit: number, cursor?: string): Promise<Page<ModelVersion>>;
  /**
   * Approves or rejects a pending version; the same decision again returns what stands.
   * @throws NotFoundError
   * @throws InvalidStateError when the other decision was taken before.
   */
  decideVersion(decision: {
    readonly model: string;
    readonly version: number;
    readonly status: 'APPROVED' | 'REJECTED';
    readonly decidedBy: string;
    readonly decidedAtMs: number;
    readonly decisionReason?: string;
  }): Promise<ModelVersion>;
  setAlias(model: string, alias: RegistryAlias, version: number | undefined): Promise<void>;

  /** Creates the run's item, or returns the one that stands. */
  startRun(run: Pick<TrainingRun, 'model' | 'runId' | 'executionArn' | 'cause' | 'startedAtMs'>): Promise<TrainingRun>;
  endRun(
    run: Pick<TrainingRun, 'model' | 'runId' | 'outcome'> & {
      status: 'FINISHED' | 'FAILED';
      endedAtMs: number;
      version?: number;
    },
  ): Promise<void>;
  /** Newest first. */
  listRuns(model: string, limit: number, cursor?: string): Promise<Page<TrainingRun>>;

  /**
   * Takes the model's rollout lease and writes the rollout's item in one transaction.
   * The same `rolloutId` again returns what stands.
   * @throws ConflictError while another rollout of the model runs.
   */
  startRollout(rollout: Omit<Rollout, 'status' | 'weights'>): Promise<Rollout>;
  updateRollout(
    model: string,
    rolloutId: string,
    change: Partial<Pick<Rollout, 'lambdaVersion' | 'codeSha256' | 'weights'>>,
  ): Promise<Rollout>;
  /**
   * Ends the rollout and frees the lease; with `deployment` also writes what serves now, moves `champion` and adds
   * the lineage edge version → deployment, all in one transaction.
   */
  endRollout(end: {
    readonly model: string;
    readonly rolloutId: string;
    readonly status: Exclude<Rollout['status'], 'RUNNING'>;
    readonly endedAtMs: number;
    readonly reason?: string;
    readonly deployment?: Deployment;
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

export interface LineageStore {
  upstream(node: LineageNode): Promise<readonly LineageEdge[]>;
  downstream(node: LineageNode): Promise<readonly LineageEdge[]>;
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
