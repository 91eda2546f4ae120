import type { LoggedModel, LoggedModelRegistration, MetricPoint } from '../core/tracking/index.ts';

/**
 * Logged models of one workspace. Reads see every write that was answered before. Deleted models are kept, but to every
 * call they do not exist.
 */
export interface LoggedModelStore {
  /** @throws AlreadyExistsError for an id that is taken. */
  create(model: LoggedModel): Promise<void>;
  /** @throws NotFoundError */
  get(modelId: string): Promise<LoggedModel>;
  /**
   * Reads, decides and writes conditionally until nobody came between: status, params, tags, deletion. `change` may be
   * called several times, so it is pure; giving the same model back writes nothing.
   * @throws NotFoundError, InvalidRequestError for a model grown too large, and whatever `change` throws.
   */
  change(modelId: string, change: (model: LoggedModel) => LoggedModel): Promise<LoggedModel>;
  /**
   * Adds a run's points to the models that they name by `modelId`; points without one are passed over. The same points
   * again change nothing. @throws NotFoundError for a model that does not exist; other models' points may be stored then.
   */
  recordMetrics(points: readonly MetricPoint[], runId: string): Promise<void>;
  /**
   * Notes that a model version was registered from the model: in its registrations and in its tag
   * `mlflow.modelVersions`. The same again changes nothing. @throws NotFoundError
   */
  recordRegistration(modelId: string, registration: LoggedModelRegistration, atMs: number): Promise<void>;
  /**
   * All of one experiment, by id. Costs a read of every document: about 1 kB each.
   * @throws LimitExceededError beyond 10,000.
   */
  list(experimentId: string): Promise<readonly LoggedModel[]>;
  /**
   * All that name a run as their source, in no order, whatever their experiments. Clients ask for them at every listing
   * of a run's artifacts. @throws LimitExceededError beyond 10,000.
   */
  listOfRun(runId: string): Promise<readonly LoggedModel[]>;
}
