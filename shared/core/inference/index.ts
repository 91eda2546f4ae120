export { decodeGroundTruth, type GroundTruth, MAX_LABELS } from './decode-ground-truth.ts';
export {
  decodePredictRequest,
  MAX_INSTANCES,
  type PredictInstance,
  type PredictRequest,
} from './decode-predict-request.ts';
export { toBatch } from './inference-batch.ts';
export { decodeOpenInference, openInferenceMetadata, openInferenceResponse } from './open-inference.ts';
export type { FeatureValue, InferenceBatch, ModelInput, ModelSignature } from './signature.ts';
