import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { openAnswer } from './open-answer.ts';

const settings = readEnv(['STAGE', 'MODEL_NAME', 'CAPTURE_STREAM', 'CAPTURE_LIMIT_MS', 'AWS_LAMBDA_FUNCTION_VERSION']);
const places = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'AUDIT_TABLE', 'ONLINE_TABLE']);
const clock = { nowMs: () => Date.now() };
const client = createSignedClient({ env: process.env, nowMs: clock.nowMs });
export const handler = openAnswer({ settings, places, client, clock, env: process.env });
