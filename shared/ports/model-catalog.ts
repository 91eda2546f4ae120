import type {
  Authorship,
  ModelVersion,
  ReferencedVersion,
  RegisteredModel,
  VersionStage,
} from '../core/registry/index.ts';

/** What a client says about a version that it registers. */
export type NewVersion = Pick<ReferencedVersion, 'source' | 'description' | 'tags'> &
  Partial<Pick<ReferencedVersion, 'storageLocation' | 'runId' | 'runLink' | 'modelId' | 'userId'>>;

/**
 * The registered models of one workspace as MLflow's clients see them: the same items that pipelines and rollouts write
 * through `ModelRegistry`. Reads see every write that was answered before. Every change names its author and is recorded
 * with it. What rollouts rely on stands firm: a model with a pipeline's versions keeps its name and is not deleted, its
 * `champion` and `challenger` are moved by rollouts alone, and a version that serves is not deleted.
 * Setters answer the model that they found, long tags apart.
 * Every call throws NotFoundError for a model or version that does not exist, and ConflictError when the contention of
 * other writers outlasts its deadline.
 */
export interface ModelCatalog {
  /** @throws AlreadyExistsError for a taken name. */
  createModel(model: Pick<RegisteredModel, 'model' | 'description' | 'tags'>, by: Authorship): Promise<RegisteredModel>;
  getModel(name: string): Promise<RegisteredModel>;
  /** Those whose name is accepted, in no order. Bounded: @throws LimitExceededError beyond 50,000 models. */
  listModels(accepts?: (name: string) => boolean): Promise<readonly RegisteredModel[]>;
  describeModel(name: string, description: string, by: Authorship): Promise<RegisteredModel>;
  /** Versions, aliases and tags come along. @throws AlreadyExistsError for a taken name. */
  renameModel(name: string, newName: string, by: Authorship): Promise<RegisteredModel>;
  /** Frees the name at once; what is left of a large model is removed by this call and the next. */
  deleteModel(name: string, by: Authorship): Promise<void>;
  /** A value of undefined takes the tag away. */
  setModelTag(name: string, key: string, value: string | undefined, by: Authorship): Promise<RegisteredModel>;
  /** Moves the alias; a version of undefined takes it away, and it may be gone. */
  setAlias(name: string, alias: string, version: number | undefined, by: Authorship): Promise<RegisteredModel>;

  /** The next number, whoever else registers: without gaps, none twice. */
  createVersion(name: string, version: NewVersion, by: Authorship): Promise<ModelVersion>;
  getVersion(name: string, version: number): Promise<ModelVersion>;
  /** All of a model, in no order; none of a model that does not exist. */
  listVersions(name: string): Promise<readonly ModelVersion[]>;
  /** The latest version of each stage, by model name; of models that `getModel` or `listModels` gave. */
  latestVersions(models: readonly RegisteredModel[]): Promise<ReadonlyMap<string, readonly ModelVersion[]>>;
  describeVersion(name: string, version: number, description: string, by: Authorship): Promise<ModelVersion>;
  /** With `archiveOthers` the other versions of the stage move to Archived. */
  setStage(
    name: string,
    version: number,
    to: { readonly stage: VersionStage; readonly archiveOthers: boolean },
    by: Authorship,
  ): Promise<ModelVersion>;
  /** Takes its aliases along. @throws InvalidRequestError for a version that serves or while a rollout runs. */
  deleteVersion(name: string, version: number, by: Authorship): Promise<void>;
  setVersionTag(
    name: string,
    version: number,
    key: string,
    value: string | undefined,
    by: Authorship,
  ): Promise<RegisteredModel>;
}
