import { encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { Experiment } from '../../shared/core/tracking/index.ts';

/** An experiment as MLflow's `Experiment` message has it. */
export const encodeExperiment = (experiment: Experiment): object => ({
  experiment_id: experiment.experimentId,
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.lifecycleStage,
  creation_time: experiment.createdAtMs,
  last_update_time: experiment.updatedAtMs,
  ...listed('tags', encodeKeyValues(experiment.tags)),
});
