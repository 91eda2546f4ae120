import { InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import {
  activeExperiment,
  type Experiment,
  generatedRunName,
  type KeyValue,
  type LoggedModel,
  type LoggedModelRegistration,
  type LoggedModelStatus,
} from '../tracking/index.ts';

/** What may become of a logged model. The words of the errors are MLflow's. */

const MAX_NAME_LENGTH = 500;
const MAX_TYPE_LENGTH = 500;
const MAX_KEY_LENGTH = 250;
/** Clients read it, and write it themselves too: a JSON list of `{name, version}`, the version a number. */
export const MODEL_VERSIONS_TAG = 'mlflow.modelVersions';

const requireKey = (what: 'param' | 'tag', key: string): void => {
  if (key.length <= MAX_KEY_LENGTH) return;
  throw new InvalidRequestError(
    `${what} key ${shorten(key)} of a logged model has ${key.length} characters, at most ${MAX_KEY_LENGTH} are allowed`,
  );
};

const requireName = (name: string): string => {
  if (/[/:.%"']/.test(name)) {
    throw new InvalidRequestError(
      `Invalid model name ('${shorten(name)}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  }
  if (name.length <= MAX_NAME_LENGTH) return name;
  throw new InvalidRequestError(
    `name of a logged model has ${name.length} characters, at most ${MAX_NAME_LENGTH} are allowed`,
  );
};

export interface NewLoggedModel {
  readonly experiment: Experiment;
  /** 32 lower-case hex digits. */
  readonly hexId: string;
  readonly name?: string;
  readonly modelType?: string;
  readonly sourceRunId?: string;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly atMs: number;
}

/** @throws InvalidRequestError for a deleted experiment, a bad name, a key too long, a param with two values. */
export const newLoggedModel = (given: NewLoggedModel): LoggedModel => {
  const { experiment, hexId, name, modelType, sourceRunId, params, tags, atMs } = given;
  activeExperiment(experiment);
  if (modelType !== undefined && modelType.length > MAX_TYPE_LENGTH) {
    throw new InvalidRequestError(
      `model_type has ${modelType.length} characters, at most ${MAX_TYPE_LENGTH} are allowed`,
    );
  }
  const modelId = `m-${hexId}`;
  const empty: LoggedModel = {
    modelId,
    experimentId: experiment.experimentId,
    name: name === undefined ? generatedRunName(modelId) : requireName(name),
    createdAtMs: atMs,
    updatedAtMs: atMs,
    artifactUri: `${experiment.artifactLocation.replace(/\/+$/, '')}/models/${modelId}/artifacts`,
    status: 'LOGGED_MODEL_PENDING',
    lifecycleStage: 'active',
    ...(modelType === undefined ? {} : { modelType }),
    ...(sourceRunId === undefined ? {} : { sourceRunId }),
    params: {},
    tags: {},
    metrics: [],
    registrations: [],
  };
  return withTags(withParams(empty, params), tags);
};

/** Params are written once: the same value again changes nothing. @throws InvalidRequestError for another value. */
export const withParams = (model: LoggedModel, params: readonly KeyValue[]): LoggedModel => {
  const known = new Map(Object.entries(model.params));
  for (const { key, value } of params) {
    requireKey('param', key);
    const former = known.get(key);
    if (former !== undefined && former !== value) {
      throw new InvalidRequestError(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${shorten(former)}' for logged model '${model.modelId}'. Attempted logging new value '${shorten(value)}'.`,
      );
    }
    known.set(key, value);
  }
  return known.size === Object.keys(model.params).length ? model : { ...model, params: Object.fromEntries(known) };
};

export const withTags = (model: LoggedModel, tags: readonly KeyValue[]): LoggedModel => {
  for (const { key } of tags) requireKey('tag', key);
  const known = new Map(Object.entries(model.tags));
  if (tags.every(({ key, value }) => known.get(key) === value)) return model;
  for (const { key, value } of tags) known.set(key, value);
  return { ...model, tags: Object.fromEntries(known) };
};

/** @throws NotFoundError when it has no such tag. */
export const withoutTag = (model: LoggedModel, key: string): LoggedModel => {
  if (!Object.hasOwn(model.tags, key)) {
    throw new NotFoundError(`No tag with key '${shorten(key)}' found for model with ID '${model.modelId}'.`);
  }
  return { ...model, tags: Object.fromEntries(Object.entries(model.tags).filter(([name]) => name !== key)) };
};

export const withStatus = (model: LoggedModel, status: LoggedModelStatus, atMs: number): LoggedModel =>
  model.status === status ? model : { ...model, status, updatedAtMs: atMs };

export const deletedModel = (model: LoggedModel, atMs: number): LoggedModel => ({
  ...model,
  lifecycleStage: 'deleted',
  updatedAtMs: atMs,
});

const isSame = (a: unknown, b: LoggedModelRegistration): boolean =>
  typeof a === 'object' &&
  a !== null &&
  'name' in a &&
  'version' in a &&
  a.name === b.name &&
  String(a.version) === b.version;

/** What the tag lists; a tag that somebody filled otherwise lists nothing. */
const taggedVersions = (tag: string | undefined): readonly unknown[] => {
  try {
    const list: unknown = JSON.parse(tag ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};

/** Adds a version that was registered from the model, in its registrations and in its tag, each once. */
export const withRegistration = (
  model: LoggedModel,
  registration: LoggedModelRegistration,
  atMs: number,
): LoggedModel => {
  const { name, version } = registration;
  if (model.registrations.some((one) => isSame(one, registration))) return model;
  const tagged = taggedVersions(model.tags[MODEL_VERSIONS_TAG]);
  const known = { ...model, updatedAtMs: atMs, registrations: [...model.registrations, { name, version }] };
  return tagged.some((one) => isSame(one, registration))
    ? known
    : withTags(known, [
        { key: MODEL_VERSIONS_TAG, value: JSON.stringify([...tagged, { name, version: Number(version) }]) },
      ]);
};
