export { describeUpload } from './describe-upload.ts';
export type { NamedTensor } from './mlflow-signature.ts';
export { type MlmodelContent, writeMlmodel } from './mlmodel-file.ts';
export {
  endPipelineRun,
  type PipelineEnd,
  type PipelineStart,
  startPipelineRun,
  type TrainedDefinition,
} from './pipeline-run.ts';
export { LARGEST_MLMODEL_BYTES, type Mlmodel, readMlmodel } from './read-mlmodel.ts';
export { LARGEST_MODEL_BYTES, RUNTIME_BOUNDS, type ServedFeature, servingFaults } from './serving-faults.ts';
export { signatureFaults } from './signature-faults.ts';
export { type SmokeFeature, type SmokeInputs, smokeFault, smokeInputs } from './smoke-inputs.ts';
export { type Sha256, trackingRunId } from './tracking-run-id.ts';
