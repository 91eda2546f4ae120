import { encodeDouble, encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { LoggedModel, LoggedModelMetric } from '../../shared/core/tracking/index.ts';

const encodeMetric = (modelId: string, metric: LoggedModelMetric): object => ({
  key: metric.key,
  value: encodeDouble(metric.value),
  timestamp: metric.timestampMs,
  step: metric.step,
  ...(metric.datasetName === undefined ? {} : { dataset_name: metric.datasetName }),
  ...(metric.datasetDigest === undefined ? {} : { dataset_digest: metric.datasetDigest }),
  model_id: modelId,
  run_id: metric.runId,
});

/** A logged model as MLflow's `LoggedModel` message has it. */
export const encodeLoggedModel = (model: LoggedModel): object => ({
  info: {
    model_id: model.modelId,
    experiment_id: model.experimentId,
    name: model.name,
    creation_timestamp_ms: model.createdAtMs,
    last_updated_timestamp_ms: model.updatedAtMs,
    artifact_uri: model.artifactUri,
    status: model.status,
    ...(model.modelType === undefined ? {} : { model_type: model.modelType }),
    ...(model.sourceRunId === undefined ? {} : { source_run_id: model.sourceRunId }),
    ...listed('tags', encodeKeyValues(model.tags)),
    ...listed('registrations', model.registrations),
  },
  data: {
    ...listed('params', encodeKeyValues(model.params)),
    ...listed(
      'metrics',
      model.metrics.map((metric) => encodeMetric(model.modelId, metric)),
    ),
  },
});
