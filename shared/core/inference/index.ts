export { decodeGroundTruth, type GroundTruth } from './decode-ground-truth.ts';
export {
  decodePredictRequest,
  type PredictInstance,
  type PredictRequest,
} from './decode-predict-request.ts';
export { toBatch } from './inference-batch.ts';
export { decodeOpenInference, openInferenceMetadata, openInferenceResponse } from './open-inference.ts';
export type { FeatureValue, InferenceBatch, ModelInput, ModelSignature } from './signature.ts';
