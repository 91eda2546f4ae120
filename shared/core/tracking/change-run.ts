import { InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import type { LifecycleStage, Run, RunStatus } from './run.ts';
import { RUN_NAME_TAG } from './run-name.ts';
import { cutText } from './text-limits.ts';

/** A run without its datasets, which are stored apart. */
export type StoredRun = Omit<Run, 'datasetInputs'>;

const MAX_NAME_LENGTH = 8_000;
const MAX_MODELS = 1_000;

/** @throws InvalidRequestError for a deleted run: it takes no writes. */
export const activeRun = <Given extends Pick<Run, 'info'>>(run: Given): Given => {
  const { runId, lifecycleStage } = run.info;
  if (lifecycleStage === 'active') return run;
  throw new InvalidRequestError(`The run ${runId} must be in the 'active' state. Current state is ${lifecycleStage}.`);
};

/** The name and the tag `mlflow.runName` together; an empty name changes nothing. @throws InvalidRequestError for a deleted run. */
export const renameRun = (run: StoredRun, name: string): StoredRun => {
  const runName = cutText(name, MAX_NAME_LENGTH);
  if (activeRun(run) && runName === '') return run;
  return { ...run, info: { ...run.info, runName }, tags: { ...run.tags, [RUN_NAME_TAG]: runName } };
};

export interface RunUpdate {
  readonly status?: RunStatus;
  readonly endTimeMs?: number;
  readonly runName?: string;
}

/** What is given is set. @throws InvalidRequestError for a deleted run. */
export const updateRun = (run: StoredRun, { status, endTimeMs, runName = '' }: RunUpdate): StoredRun => {
  const renamed = renameRun(run, runName);
  return {
    ...renamed,
    info: {
      ...renamed.info,
      ...(status === undefined ? {} : { status }),
      ...(endTimeMs === undefined ? {} : { endTimeMs }),
    },
  };
};

/** Deletes or restores; twice is as good as once. */
export const setRunLifecycle = (run: StoredRun, lifecycleStage: LifecycleStage): StoredRun => ({
  ...run,
  info: { ...run.info, lifecycleStage },
});

/** @throws NotFoundError for a tag that the run lacks, InvalidRequestError for a deleted run. */
export const deleteRunTag = (run: StoredRun, key: string): StoredRun => {
  activeRun(run);
  if (!Object.hasOwn(run.tags, key)) {
    throw new NotFoundError(`No tag with name: ${key} in run with id ${run.info.runId}`);
  }
  return { ...run, tags: Object.fromEntries(Object.entries(run.tags).filter(([name]) => name !== key)) };
};

const merged = <Model extends { readonly modelId: string }>(
  known: readonly Model[],
  added: readonly Model[],
): readonly Model[] => {
  const all = [...new Map([...known, ...added].map((model) => [model.modelId, model])).values()];
  if (all.length > MAX_MODELS) {
    throw new InvalidRequestError(`a run has at most ${MAX_MODELS} models on either side, got ${all.length}`);
  }
  return all;
};

/** Logged models that the run read; one named twice is one. @throws InvalidRequestError for a deleted run. */
export const addModelInputs = (run: StoredRun, models: Run['modelInputs']): StoredRun => ({
  ...activeRun(run),
  modelInputs: merged(run.modelInputs, models),
});

/** Logged models that the run made; one named twice has the later step. @throws InvalidRequestError for a deleted run. */
export const addModelOutputs = (run: StoredRun, models: Run['modelOutputs']): StoredRun => ({
  ...activeRun(run),
  modelOutputs: merged(run.modelOutputs, models),
});
