import { InvalidRequestError } from '../../kernel/errors.ts';
import { activeExperiment } from './experiment-rules.ts';
import { type KeyValue, prepareTag } from './log-batch.ts';
import type { Experiment, Run } from './run.ts';
import { chooseRunName, RUN_NAME_TAG } from './run-name.ts';

export interface NewRun {
  readonly runId: string;
  readonly experiment: Experiment;
  readonly userId: string;
  readonly startTimeMs: number;
  readonly runName?: string;
  readonly tags: readonly KeyValue[];
}

/** Below the experiment's location; a query of the URI stays at its end. */
const artifactUriOf = (location: string, runId: string): string => {
  const query = location.indexOf('?');
  const path = query < 0 ? location : location.slice(0, query);
  return `${path.replace(/\/+$/, '')}/${runId}/artifacts${query < 0 ? '' : location.slice(query)}`;
};

/**
 * A run as it begins. Its name is the one given, or that of the tag `mlflow.runName`, or one made of its id.
 * @throws InvalidRequestError for a deleted experiment, a start time below zero, bad tags, a name that differs from the tag.
 */
export const createRun = ({ runId, experiment, userId, startTimeMs, runName, tags }: NewRun): Run => {
  activeExperiment(experiment);
  if (!Number.isSafeInteger(startTimeMs) || startTimeMs < 0) {
    throw new InvalidRequestError(`start_time must be milliseconds since 1970, got ${startTimeMs}`);
  }
  const prepared = tags.map((tag, index) => prepareTag(tag, `tags[${index}].`));
  const given = Object.fromEntries(prepared.map(({ key, value }) => [key, value]));
  const asked = runName === undefined ? undefined : prepareTag({ key: RUN_NAME_TAG, value: runName }).value;
  const name = chooseRunName(runId, asked, Object.hasOwn(given, RUN_NAME_TAG) ? given[RUN_NAME_TAG] : undefined);
  return {
    info: {
      runId,
      experimentId: experiment.experimentId,
      runName: name,
      userId: userId.toWellFormed(),
      status: 'RUNNING',
      startTimeMs,
      lifecycleStage: 'active',
      artifactUri: artifactUriOf(experiment.artifactLocation, runId),
    },
    params: {},
    tags: { ...given, [RUN_NAME_TAG]: name },
    metrics: {},
    datasetInputs: [],
    modelInputs: [],
    modelOutputs: [],
  };
};
