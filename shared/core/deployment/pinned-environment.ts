/** The identity of a model version's bytes, as an inference function's environment pins it. */
export interface PinnedModel {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
}

type Environment = Readonly<Record<string, string>>;

const pins = (model: PinnedModel): Environment => ({
  MODEL_VERSION: String(model.version),
  MODEL_DIGEST: model.modelDigest,
  MANIFEST_DIGEST: model.manifestDigest,
  ARTIFACT_PREFIX: model.artifactPrefix,
});

/** The function's environment with the model pinned; everything else as it stands. */
export const pinnedEnvironment = (environment: Environment, model: PinnedModel): Environment => ({
  ...environment,
  ...pins(model),
});

/** Whether an environment pins exactly this model version. */
export const pinsModel = (environment: Environment, model: PinnedModel): boolean =>
  Object.entries(pins(model)).every(([name, value]) => environment[name] === value);
