import { InvalidRequestError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { KeyValue } from './log-batch.ts';
import type { Experiment } from './run.ts';
import { checkLength } from './text-limits.ts';
import { validateKey } from './validate-key.ts';

const MAX_NAME_LENGTH = 500;
const MAX_LOCATION_LENGTH = 2_048;
const MAX_TAG_VALUE_LENGTH = 5_000;
const MAX_TAGS = 1_000;
const ID_SPREAD = 100_000;

export interface NewExperiment {
  readonly experimentId: string;
  readonly name: string;
  /** Absent is the proxied default. */
  readonly artifactLocation?: string;
  readonly tags: readonly KeyValue[];
  readonly createdAtMs: number;
}

/** 18 decimal digits: the time, then what tells experiments of one millisecond apart. @param id Hex digits, at least 12. */
export const newExperimentId = (nowMs: number, id: string): string => {
  const spread = Number.parseInt(id.slice(0, 12), 16) % ID_SPREAD;
  return `${String(nowMs).padStart(13, '0')}${String(spread).padStart(5, '0')}`;
};

const checkName = (name: string): string => {
  if (name === '') throw new InvalidRequestError("Invalid experiment name: ''");
  return checkLength(name, MAX_NAME_LENGTH, 'name');
};

/** A URI's parameters are what follows `;` in its last segment. */
const checkLocation = (location: string): string => {
  if (location.startsWith('runs:')) {
    throw new InvalidRequestError(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  }
  const [path = ''] = location.split(/[?#]/, 1);
  if (location.includes('#') || path.slice(path.lastIndexOf('/') + 1).includes(';')) {
    throw new InvalidRequestError(`'artifact_location' URL can't include fragments or params. Given: '${location}'`);
  }
  return checkLength(location, MAX_LOCATION_LENGTH, 'artifact_location');
};

const checkTag = ({ key, value }: KeyValue): readonly [string, string] => [
  validateKey(key, 'key', 'key'),
  checkLength(value, MAX_TAG_VALUE_LENGTH, 'value'),
];

const withTags = (known: Experiment['tags'], tags: readonly KeyValue[]): Experiment['tags'] => {
  const all = Object.fromEntries([...Object.entries(known), ...tags.map(checkTag)]);
  if (Object.keys(all).length > MAX_TAGS) {
    throw new InvalidRequestError(`an experiment has at most ${MAX_TAGS} tags, got ${Object.keys(all).length}`);
  }
  return all;
};

/** @throws InvalidRequestError for a bad name (1 to 500 characters), location or tag. */
export const createExperiment = ({
  experimentId,
  name,
  artifactLocation,
  tags,
  createdAtMs,
}: NewExperiment): Experiment => ({
  experimentId,
  name: checkName(name),
  artifactLocation: artifactLocation ? checkLocation(artifactLocation) : `mlflow-artifacts:/${experimentId}`,
  lifecycleStage: 'active',
  createdAtMs,
  updatedAtMs: createdAtMs,
  tags: withTags({}, tags),
});

/** @throws InvalidRequestError for a deleted experiment: it takes neither runs nor tags. */
export const activeExperiment = (experiment: Experiment): Experiment => {
  if (experiment.lifecycleStage === 'active') return experiment;
  throw new InvalidRequestError(
    `The experiment ${experiment.experimentId} must be in the 'active' state. Current state is ${experiment.lifecycleStage}.`,
  );
};

/** @throws InvalidStateError for a deleted experiment, InvalidRequestError for a bad name. */
export const renameExperiment = (experiment: Experiment, name: string, nowMs: number): Experiment => {
  const checked = checkName(name);
  if (experiment.lifecycleStage !== 'active') throw new InvalidStateError('Cannot rename a non-active experiment.');
  return { ...experiment, name: checked, updatedAtMs: nowMs };
};

const moved = (experiment: Experiment, to: Experiment['lifecycleStage'], nowMs: number): Experiment => {
  if (experiment.lifecycleStage === to) {
    const wanted = to === 'deleted' ? 'active' : 'deleted';
    throw new NotFoundError(`No Experiment with id=${experiment.experimentId} exists that is ${wanted}`);
  }
  return { ...experiment, lifecycleStage: to, updatedAtMs: nowMs };
};

/** @throws NotFoundError when it is deleted already. */
export const deleteExperiment = (experiment: Experiment, nowMs: number): Experiment =>
  moved(experiment, 'deleted', nowMs);

/** @throws NotFoundError unless it is deleted. */
export const restoreExperiment = (experiment: Experiment, nowMs: number): Experiment =>
  moved(experiment, 'active', nowMs);

/** @throws InvalidRequestError for a deleted experiment, a bad key, a value beyond 5,000 characters. */
export const setExperimentTag = (experiment: Experiment, tag: KeyValue): Experiment => ({
  ...activeExperiment(experiment),
  tags: withTags(experiment.tags, [tag]),
});

/** @throws InvalidRequestError for a deleted experiment, NotFoundError for a tag that it lacks. */
export const deleteExperimentTag = (experiment: Experiment, key: string): Experiment => {
  const { tags, experimentId } = activeExperiment(experiment);
  if (!Object.hasOwn(tags, key)) {
    throw new NotFoundError(`No tag with name: ${key} in experiment with id ${experimentId}`);
  }
  return { ...experiment, tags: Object.fromEntries(Object.entries(tags).filter(([name]) => name !== key)) };
};
