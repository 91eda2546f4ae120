import { expect, it, vi } from 'vitest';
import { openAnswer } from '../../../../functions/infer/open-answer.ts';
import type { SignedClient } from '../../../../shared/adapters/sigv4/signed-client.ts';

const settings = {
  STAGE: 'dev',
  MODEL_NAME: 'toy',
  CAPTURE_STREAM: 'capture',
  CAPTURE_LIMIT_MS: '50',
  AWS_LAMBDA_FUNCTION_VERSION: '1',
};
const places = { ARTIFACT_BUCKET: 'a', REGISTRY_TABLE: 'r', AUDIT_TABLE: 'l', ONLINE_TABLE: 'o' };
const PINS = { MODEL_VERSION: '1', MODEL_DIGEST: 'd', MANIFEST_DIGEST: 'm', ARTIFACT_PREFIX: 'models/toy/d/' };
const unknown = { httpMethod: 'GET', path: '/no-such-path', headers: {}, body: null } as const;

it('answers what needs no model although the network takes no requests', async () => {
  const calls: string[] = [];
  const client: SignedClient = {
    env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'eu-central-1' },
    send: ({ path }) => {
      calls.push(path);
      return new Promise(() => undefined);
    },
    sent: () => new Promise(() => undefined),
  };
  const answer = openAnswer({ settings, places, client, clock: { nowMs: () => 0 }, env: PINS });

  expect(calls.length, 'the model is asked for before anything else').toBeGreaterThan(3);
  expect(await answer(unknown)).toMatchObject({ statusCode: 404 });
});

it('reads no more code before the model has been asked for', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const client: SignedClient = {
    env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'eu-central-1' },
    send: () => new Promise(() => undefined),
    sent: () => promise,
  };
  const answered = vi.fn();
  const answer = openAnswer({ settings, places, client, clock: { nowMs: () => 0 }, env: PINS });
  const answering = answer(unknown).then(answered);
  await new Promise(setImmediate);

  expect(answered).not.toHaveBeenCalled();
  resolve();
  await answering;
  expect(answered).toHaveBeenCalledOnce();
});
