/** The identity of a model version's bytes, as an inference function's environment pins it. */
export interface PinnedModel {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
  /** Of the versions that it may serve beside; absent where it serves this one alone. */
  readonly rosterDigest?: string;
  /** What is expected to run it; the model itself decides. Absent where nobody has looked. */
  readonly engine?: PinnedEngine;
}

const ENGINES = ['interpreter', 'onnxruntime'] as const;
type PinnedEngine = (typeof ENGINES)[number];

type Environment = Readonly<Record<string, string>>;

const pins = (model: PinnedModel): Environment => ({
  MODEL_VERSION: String(model.version),
  MODEL_DIGEST: model.modelDigest,
  MANIFEST_DIGEST: model.manifestDigest,
  ARTIFACT_PREFIX: model.artifactPrefix,
  ...(model.rosterDigest === undefined ? {} : { ROSTER_DIGEST: model.rosterDigest }),
  ...(model.engine === undefined ? {} : { MODEL_ENGINE: model.engine }),
});

/** What an environment pins, if it pins a model. */
export const pinnedModel = (environment: Environment): PinnedModel | undefined => {
  const { MODEL_VERSION, MODEL_DIGEST, MANIFEST_DIGEST, ARTIFACT_PREFIX, ROSTER_DIGEST, MODEL_ENGINE } = environment;
  if (!MODEL_VERSION || !MODEL_DIGEST || !MANIFEST_DIGEST || !ARTIFACT_PREFIX) return undefined;
  const engine = ENGINES.find((name) => name === MODEL_ENGINE);
  return {
    version: Number(MODEL_VERSION),
    modelDigest: MODEL_DIGEST,
    manifestDigest: MANIFEST_DIGEST,
    artifactPrefix: ARTIFACT_PREFIX,
    ...(ROSTER_DIGEST ? { rosterDigest: ROSTER_DIGEST } : {}),
    ...(engine === undefined ? {} : { engine }),
  };
};

/** The function's environment with the model pinned; everything else as it stands. */
export const pinnedEnvironment = (environment: Environment, model: PinnedModel): Environment => {
  const { ROSTER_DIGEST: _, MODEL_ENGINE: __, ...others } = environment;
  return { ...others, ...pins(model) };
};

/** Whether an environment pins exactly this model version. */
export const pinsModel = (environment: Environment, model: PinnedModel): boolean =>
  environment.ROSTER_DIGEST === model.rosterDigest &&
  environment.MODEL_ENGINE === model.engine &&
  Object.entries(pins(model)).every(([name, value]) => environment[name] === value);
