import { createCaptureStream, createFirehoseClient } from '../../shared/adapters/firehose/capture-stream.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createCapture } from './capture-predictions.ts';
import { createHandler } from './handler.ts';
import { createServedModel, loadServedModel, readPins } from './load-served-model.ts';
import { createServe } from './serve.ts';

const env = readEnv(['STAGE', 'MODEL_NAME', 'ARTIFACT_BUCKET', 'CAPTURE_STREAM', 'CAPTURE_LIMIT_MS']);
const clock = { nowMs: () => Date.now() };
const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });
const capture = createCapture({
  stage: env.STAGE,
  stream: createCaptureStream(createFirehoseClient(), env.CAPTURE_STREAM),
  limitMs: Number(env.CAPTURE_LIMIT_MS),
  clock,
});
const pins = readPins(process.env);
const load = pins && (() => loadServedModel(artifacts, createModelRuntime(), pins));
export const handler = createHandler({
  model: env.MODEL_NAME,
  servedModel: createServedModel(load),
  serve: createServe({ model: env.MODEL_NAME, capture, clock }),
});
