import { encodeDouble, encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { DatasetInput, MetricPoint, Run, RunInfo } from '../../shared/core/tracking/index.ts';

/** Runs, metrics and inputs as MLflow's `Run` message has them. */

export const encodeRunInfo = (info: RunInfo): object => ({
  run_id: info.runId,
  run_uuid: info.runId,
  run_name: info.runName,
  experiment_id: info.experimentId,
  user_id: info.userId,
  status: info.status,
  start_time: info.startTimeMs,
  ...(info.endTimeMs === undefined ? {} : { end_time: info.endTimeMs }),
  artifact_uri: info.artifactUri,
  lifecycle_stage: info.lifecycleStage,
});

/** @param runId in answers about several runs. */
export const encodeMetric = ({ key, value, timestampMs, step }: MetricPoint, runId?: string): object => ({
  key,
  value: encodeDouble(value),
  timestamp: timestampMs,
  step,
  ...(runId === undefined ? {} : { run_id: runId }),
});

const encodeDatasetInput = ({ name, digest, sourceType, source, schema, profile, tags }: DatasetInput): object => ({
  ...listed('tags', encodeKeyValues(tags)),
  dataset: {
    name,
    digest,
    source_type: sourceType,
    source,
    ...(schema === undefined ? {} : { schema }),
    ...(profile === undefined ? {} : { profile }),
  },
});

export const encodeRun = ({ info, params, tags, metrics, datasetInputs, modelInputs, modelOutputs }: Run): object => ({
  info: encodeRunInfo(info),
  data: {
    ...listed(
      'metrics',
      Object.values(metrics).map((metric) => encodeMetric(metric)),
    ),
    ...listed('params', encodeKeyValues(params)),
    ...listed('tags', encodeKeyValues(tags)),
  },
  inputs: {
    ...listed('dataset_inputs', datasetInputs.map(encodeDatasetInput)),
    ...listed(
      'model_inputs',
      modelInputs.map(({ modelId }) => ({ model_id: modelId })),
    ),
  },
  outputs: {
    ...listed(
      'model_outputs',
      modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })),
    ),
  },
});
