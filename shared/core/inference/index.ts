export { decodeGroundTruth, type GroundTruth } from './decode-ground-truth.ts';
export { createInferenceApi, type InferenceApi, type InferenceApiOptions } from './inference-api.ts';
export { toBatch } from './inference-batch.ts';
export type {
  CompletedRow,
  InferenceAnswer,
  InferenceHost,
  InferenceRequest,
  Prediction,
  RowCounterfactual,
  RowExplainer,
  RowExplanation,
  ServableModel,
} from './inference-host.ts';
export type { PredictRow } from './predict-request.ts';
export { serverHealth, serverLive, serverMetadata } from './server-answers.ts';
export type { LoadedModelName, ModelInventory, ServerOptions } from './server-operations.ts';
export { shortestFloat32 } from './shortest-decimal.ts';
export type { FeatureValue, InferenceBatch, ModelInput, ModelSignature } from './signature.ts';
export { DATATYPES, type Datatype, type Tensor, type TensorData, type TensorSpec } from './tensor.ts';
