import { type Fields, missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import type { DatasetInput, KeyValue, MetricPoint, RunStatus, ViewType } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';

/** Parts of requests about experiments and runs, from MLflow's messages to our data. */

const RUN_ID = /^[a-zA-Z0-9][\w-]{0,255}$/;
const EXPERIMENT_ID = /^\d{1,20}$/;

/** @throws NotFoundError for text that no run can have as its id. */
export const checkRunId = (runId: string): string => {
  if (!RUN_ID.test(runId)) throw new NotFoundError(`Run with id=${shorten(runId)} not found`);
  return runId;
};

/** The run that a request is about; `run_uuid` is the field's old name. */
export const runIdOf = (input: Fields): string => {
  const runId = input.text('run_id') || input.text('run_uuid');
  if (runId === undefined || runId === '') throw missingParameter('run_id');
  return checkRunId(runId);
};

/** @throws NotFoundError for text that is no experiment's id (MLflow's ids are numbers). */
export const checkExperimentId = (experimentId: string): string => {
  if (!EXPERIMENT_ID.test(experimentId)) {
    throw new NotFoundError(`No Experiment with id=${shorten(experimentId)} exists`);
  }
  return experimentId;
};

export const experimentIdOf = (input: Fields): string => checkExperimentId(input.requiredText('experiment_id'));

const VIEW_TYPES: Readonly<Record<ViewType, number>> = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 };

export const viewTypeOf = (input: Fields, name: string): ViewType => input.choice(name, VIEW_TYPES) ?? 'ACTIVE_ONLY';

const RUN_STATUSES: Readonly<Record<RunStatus, number>> = {
  RUNNING: 1,
  SCHEDULED: 2,
  FINISHED: 3,
  FAILED: 4,
  KILLED: 5,
};

export const runStatusOf = (input: Fields): RunStatus | undefined => input.choice('status', RUN_STATUSES);

/** Text that is given and not empty: an empty one is as good as absent in MLflow's messages. */
export const filledText = (input: Fields, name: string): string | undefined => input.text(name) || undefined;

/** How many results are asked for. @throws InvalidRequestError in MLflow's words for what is out of range. */
export const maxResultsOf = (
  input: Fields,
  { absent, most }: { readonly absent: number; readonly most: number },
): number => {
  const count = input.integer('max_results') ?? absent;
  const refuse = (rule: string): InvalidRequestError =>
    new InvalidRequestError(`Invalid value ${count} for parameter 'max_results' supplied. It must be ${rule}`);
  if (count < 1) throw refuse('a positive integer');
  if (count > most) throw refuse(`at most ${most}`);
  return count;
};

export const decodeMetric = (input: Fields): MetricPoint => {
  const modelId = filledText(input, 'model_id');
  const datasetName = filledText(input, 'dataset_name');
  const datasetDigest = filledText(input, 'dataset_digest');
  return {
    key: input.requiredText('key'),
    value: input.requiredDouble('value'),
    timestampMs: input.requiredInteger('timestamp'),
    step: input.integer('step') ?? 0,
    ...(modelId === undefined ? {} : { modelId }),
    ...(datasetName === undefined ? {} : { datasetName }),
    ...(datasetDigest === undefined ? {} : { datasetDigest }),
  };
};

/** A tag or a param; an absent value is the empty text. */
export const decodeKeyValue = (input: Fields): KeyValue => ({
  key: input.requiredText('key'),
  value: input.text('value') ?? '',
});

export const decodeDatasetInput = (input: Fields, index: number): DatasetInput => {
  const dataset = input.object('dataset');
  if (dataset === undefined) throw missingParameter(`datasets[${index}].dataset`);
  const schema = filledText(dataset, 'schema');
  const profile = filledText(dataset, 'profile');
  return {
    name: dataset.requiredText('name'),
    digest: dataset.requiredText('digest'),
    sourceType: dataset.text('source_type') ?? '',
    source: dataset.text('source') ?? '',
    ...(schema === undefined ? {} : { schema }),
    ...(profile === undefined ? {} : { profile }),
    tags: Object.fromEntries(
      input.objects('tags').map((tag) => {
        const { key, value } = decodeKeyValue(tag);
        return [key, value] as const;
      }),
    ),
  };
};
