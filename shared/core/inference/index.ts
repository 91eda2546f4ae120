export { decodeGroundTruth, type GroundTruth } from './decode-ground-truth.ts';
export {
  decodePredictRequest,
  type PredictInstance,
  type PredictRequest,
} from './decode-predict-request.ts';
export { toBatch } from './inference-batch.ts';
export type {
  InferenceAnswer,
  InferenceHost,
  InferenceRequest,
  Prediction,
  ServableModel,
} from './inference-host.ts';
export { decodeOpenInference, openInferenceMetadata, openInferenceResponse } from './open-inference.ts';
export type { FeatureValue, InferenceBatch, ModelInput, ModelSignature } from './signature.ts';
export { DATATYPES, type Datatype, type Tensor, type TensorData, type TensorSpec } from './tensor.ts';
