import { createCaptureStream, createFirehoseClient } from '../../shared/adapters/firehose/capture-stream.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createCapture } from './capture-predictions.ts';
import { createHandler } from './handler.ts';
import { readPins } from './load-served-model.ts';
import { openServedModel } from './open-served-model.ts';
import { createPredictionId } from './prediction-id.ts';
import { createServe } from './serve.ts';

const env = readEnv(['STAGE', 'MODEL_NAME', 'CAPTURE_STREAM', 'CAPTURE_LIMIT_MS', 'AWS_LAMBDA_FUNCTION_VERSION']);
const places = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'AUDIT_TABLE']);
const clock = { nowMs: () => Date.now() };
const model = env.MODEL_NAME;
const stream = createCaptureStream(createFirehoseClient(), env.CAPTURE_STREAM);
const capture = createCapture({ stage: env.STAGE, stream, limitMs: Number(env.CAPTURE_LIMIT_MS), clock });
const servedModel = openServedModel(model, readPins(process.env), {
  bucket: places.ARTIFACT_BUCKET,
  registryTable: places.REGISTRY_TABLE,
  auditTable: places.AUDIT_TABLE,
});
const serve = createServe({ model, lambdaVersion: env.AWS_LAMBDA_FUNCTION_VERSION, capture, clock });
export const handler = createHandler({ model, servedModel, serve, predictionId: createPredictionId(clock) });
