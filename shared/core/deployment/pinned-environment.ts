/** The identity of a model version's bytes, as an inference function's environment pins it. */
export interface PinnedModel {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
  /** Of the versions that it may serve beside; absent where it serves this one alone. */
  readonly rosterDigest?: string;
}

type Environment = Readonly<Record<string, string>>;

const pins = (model: PinnedModel): Environment => ({
  MODEL_VERSION: String(model.version),
  MODEL_DIGEST: model.modelDigest,
  MANIFEST_DIGEST: model.manifestDigest,
  ARTIFACT_PREFIX: model.artifactPrefix,
  ...(model.rosterDigest === undefined ? {} : { ROSTER_DIGEST: model.rosterDigest }),
});

/** What an environment pins, if it pins a model. */
export const pinnedModel = (environment: Environment): PinnedModel | undefined => {
  const { MODEL_VERSION, MODEL_DIGEST, MANIFEST_DIGEST, ARTIFACT_PREFIX, ROSTER_DIGEST } = environment;
  if (!MODEL_VERSION || !MODEL_DIGEST || !MANIFEST_DIGEST || !ARTIFACT_PREFIX) return undefined;
  return {
    version: Number(MODEL_VERSION),
    modelDigest: MODEL_DIGEST,
    manifestDigest: MANIFEST_DIGEST,
    artifactPrefix: ARTIFACT_PREFIX,
    ...(ROSTER_DIGEST ? { rosterDigest: ROSTER_DIGEST } : {}),
  };
};

/** The function's environment with the model pinned; everything else as it stands. */
export const pinnedEnvironment = (environment: Environment, model: PinnedModel): Environment => {
  const { ROSTER_DIGEST: _, ...others } = environment;
  return { ...others, ...pins(model) };
};

/** Whether an environment pins exactly this model version. */
export const pinsModel = (environment: Environment, model: PinnedModel): boolean =>
  environment.ROSTER_DIGEST === model.rosterDigest &&
  Object.entries(pins(model)).every(([name, value]) => environment[name] === value);
