import { createCaptureStream } from '../../shared/adapters/firehose/capture-stream.ts';
import { createPutRecords } from '../../shared/adapters/sigv4/put-records.ts';
import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createCapture } from './capture-predictions.ts';
import { openAnswer } from './open-answer.ts';
import { createPredictionId } from './prediction-id.ts';

const env = readEnv(['STAGE', 'MODEL_NAME', 'CAPTURE_STREAM', 'CAPTURE_LIMIT_MS', 'AWS_LAMBDA_FUNCTION_VERSION']);
const places = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'AUDIT_TABLE', 'ONLINE_TABLE']);
const clock = { nowMs: () => Date.now() };
const { MODEL_NAME: model, AWS_LAMBDA_FUNCTION_VERSION: lambdaVersion } = env;
const client = createSignedClient({ env: process.env, nowMs: clock.nowMs });
const stream = createCaptureStream(createPutRecords(client), env.CAPTURE_STREAM);
const capture = createCapture({ stage: env.STAGE, stream, limitMs: Number(env.CAPTURE_LIMIT_MS), clock });
const base = { model, predictionId: createPredictionId(clock), lambdaVersion, capture, clock };
export const handler = openAnswer({ base, client, places, env: process.env });
