import {
  applyLogBatch,
  createRun,
  type Experiment,
  type KeyValue,
  type LoggedRun,
  prepareMetric,
  prepareParam,
  prepareTag,
  type Run,
  type StoredRun,
  updateRun,
} from '../tracking/index.ts';

/** A pipeline's training run as MLflow's clients see it: a run of the experiment that bears the model's name. */

/** What the pipeline says of a run when it starts. */
export interface PipelineStart {
  readonly model: string;
  /** The execution's name: what its users call the run. */
  readonly runId: string;
  readonly executionArn: string;
  readonly cause: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
}

/** What of a model's definition goes with a run as params. */
export interface TrainedDefinition {
  readonly task: string;
  readonly data: { readonly dataset: string; readonly trainingDays?: number | undefined };
  readonly features: readonly unknown[];
  readonly trainer: Readonly<Record<string, unknown>>;
  readonly evaluation: { readonly holdoutDays: number };
}

export interface PipelineEnd {
  readonly status: 'FINISHED' | 'FAILED';
  readonly endedAtMs: number;
  /** Why it passed, was refused or failed, with the numbers. */
  readonly outcome: string;
  readonly version?: number;
  readonly snapshotId?: string;
  readonly metrics: Readonly<Record<string, number>>;
}

const pipelinePrincipal = (model: string): string => `workflow:train-${model}`;

/** Who is behind a run: a person who brought a model, else the pipeline itself. */
const userOf = ({ model, cause }: PipelineStart): string =>
  cause.kind === 'upload' || cause.kind === 'client-version' ? String(cause.principal) : pipelinePrincipal(model);

/** `arn:aws:states:<region>:<account>:execution:<state machine>:<execution>` names the state machine. */
const stateMachineOf = (executionArn: string): string => executionArn.split(':')[6] || executionArn;

const NOT_IN_KEYS = /[^/\p{L}\p{N}_.\- :]/gu;
const LONGEST_KEY = 250;

/** A key that MLflow allows: a trainer of somebody else's may report under any name. */
const keyOf = (...path: readonly string[]): string => path.join('.').replaceAll(NOT_IN_KEYS, '_').slice(0, LONGEST_KEY);

/** Nested settings under dotted keys. */
const flattened = (path: readonly string[], value: unknown): readonly KeyValue[] => {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [{ key: keyOf(...path), value: String(value) }];
  if (Array.isArray(value)) {
    return value.length === 0 ? [] : [{ key: keyOf(...path), value: JSON.stringify(value) }];
  }
  return Object.entries(value).flatMap(([name, part]) => flattened([...path, name], part));
};

const paramsOf = ({ task, data, features, trainer, evaluation }: TrainedDefinition): readonly KeyValue[] => [
  { key: 'task', value: task },
  { key: 'dataset', value: data.dataset },
  { key: 'trainingDays', value: data.trainingDays === undefined ? 'all' : String(data.trainingDays) },
  { key: 'holdoutDays', value: String(evaluation.holdoutDays) },
  { key: 'featureCount', value: String(features.length) },
  ...flattened(['trainer'], trainer),
];

/** The run as it begins. The same start gives the same run. @throws InvalidRequestError for a deleted experiment. */
export const startPipelineRun = (
  start: PipelineStart,
  {
    trackingRunId,
    experiment,
    definition,
  }: {
    readonly trackingRunId: string;
    readonly experiment: Experiment;
    /** Absent when the model has none any more. */
    readonly definition: TrainedDefinition | undefined;
  },
): Run => {
  const { runId, executionArn, cause, startedAtMs } = start;
  const run = createRun({
    runId: trackingRunId,
    experiment,
    userId: userOf(start),
    startTimeMs: startedAtMs,
    runName: runId,
    tags: [
      { key: 'mlflow.user', value: userOf(start) },
      { key: 'mlflow.source.type', value: 'JOB' },
      { key: 'mlflow.source.name', value: stateMachineOf(executionArn) },
      { key: 'millrace.execution', value: executionArn },
      { key: 'millrace.cause', value: JSON.stringify(cause) },
    ],
  });
  const params = definition === undefined ? [] : paramsOf(definition).map((param) => prepareParam(param));
  return { ...run, ...applyLogBatch(run, { metrics: [], params, tags: [] }).run };
};

/**
 * The run as it ends, with what is known by then. Ended again it keeps the time at which it ended first, so that
 * nothing is logged twice.
 * @throws InvalidRequestError for a run that was deleted, or in which another snapshot stands.
 */
export const endPipelineRun = (run: StoredRun, end: PipelineEnd): LoggedRun => {
  const { status, outcome, version, snapshotId, metrics } = end;
  const endTimeMs = run.info.endTimeMs ?? end.endedAtMs;
  const ended = updateRun(run, { status, endTimeMs });
  return applyLogBatch(ended, {
    metrics: Object.entries(metrics).map(([key, value]) =>
      prepareMetric({ key: keyOf(key), value, timestampMs: endTimeMs, step: 0 }),
    ),
    params: snapshotId === undefined ? [] : [{ key: 'snapshotId', value: snapshotId }],
    tags: [
      // What MLflow shows as the run's description.
      prepareTag({ key: 'mlflow.note.content', value: outcome }),
      ...(version === undefined ? [] : [{ key: 'millrace.modelVersion', value: String(version) }]),
    ],
  });
};
