import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { newTrackingToken, TOKEN_PREFIX } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** The tracking API as any HTTP client meets it: gateway, authoriser, function, table and bucket of the template. */

type Token = 'writer' | 'reader' | 'other';

let test: TestCloud;
let url = '';
const tokens = new Map<string, string>();

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([benchDefinition()]) });
  test.cloud.clock.startWall();
  url = test.cloud.apis['millrace-local-tracking'] ?? '';
  const store = await openTrackingTokens('local', test.clientConfig);
  const issue = async (name: Token, workspace: string, role: string) => {
    const token = newTrackingToken({ name, workspaces: [workspace], role, createdAtMs: test.cloud.clock.nowMs() });
    tokens.set(name, await store.issue(token));
  };
  await issue('writer', 'default', 'write');
  await issue('reader', 'default', 'read');
  await issue('other', 'b', 'write');
  store.close();
}, 240_000);
afterAll(() => test.stop());

interface Ask {
  readonly as?: Token;
  readonly json?: unknown;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Refusal {
  readonly error_code?: string;
  readonly message?: string;
}

const ask = async (method: string, path: string, { as = 'writer', json, body, headers = {} }: Ask = {}) => {
  const sent = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${tokens.get(as)}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, text, answer: isJson ? JSON.parse(text) : undefined };
};

const EXPERIMENTS = '/api/2.0/mlflow/experiments';
const RUNS = '/api/2.0/mlflow/runs';
const createRun = async (): Promise<string> => {
  const { answer } = await ask('POST', `${RUNS}/create`, { json: { experiment_id: '0', start_time: 1 } });
  return answer.run.info.run_id;
};

describe('without a token', () => {
  it.each(['', '/t/any'])('says that the server is there and which release it speaks (%j)', async (prefix) => {
    const health = await fetch(`${url}${prefix}/health`);
    const version = await fetch(`${url}${prefix}/version`);
    const info = await fetch(`${url}${prefix}/api/3.0/mlflow/server-info`);

    expect(await health.text()).toBe('OK');
    expect(version.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await version.text()).toBe('3.6.0');
    expect(await info.json()).toMatchObject({ store_type: 'SqlStore', multipart_uploads_enabled: true });
  });

  it.each([
    ['none', {}],
    ['an unknown one', { authorization: `Bearer ${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}` }],
    ['another text', { authorization: 'Bearer something' }],
    ['a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/execute-api/aws4_request' }],
  ])('refuses everything else, in MLflow’s form (%s)', async (_what, headers) => {
    const response = await fetch(`${url}${EXPERIMENTS}/get?experiment_id=0`, { headers });

    expect([401, 403]).toContain(response.status);
    expect(((await response.json()) as Refusal).error_code).toBe('UNAUTHENTICATED');
  });
});

describe('with a token', () => {
  it('answers it as a bearer, and as a password under its name', async () => {
    const password = Buffer.from(`writer:${tokens.get('writer')}`).toString('base64');
    const wrongName = Buffer.from(`reader:${tokens.get('writer')}`).toString('base64');
    const path = `${EXPERIMENTS}/get?experiment_id=0`;

    expect((await ask('GET', path)).answer.experiment).toMatchObject({ experiment_id: '0', name: 'Default' });
    expect((await ask('GET', path, { headers: { authorization: `Basic ${password}` } })).status).toBe(200);
    expect((await ask('GET', path, { headers: { authorization: `Basic ${wrongName}` } })).status).toBe(401);
  });

  it('lets a reader read and refuses what writes', async () => {
    const runId = await createRun();

    const read = await ask('GET', `${RUNS}/get?run_id=${runId}`, { as: 'reader' });
    const write = await ask('POST', `${RUNS}/set-tag`, { as: 'reader', json: { run_id: runId, key: 'a', value: 'b' } });

    expect(read.answer.run.info.run_id).toBe(runId);
    expect(write.status).toBe(403);
    expect(write.answer).toEqual({
      error_code: 'PERMISSION_DENIED',
      message: 'the token of "reader" has role read, this call needs role write',
    });
  });

  it('keeps workspaces apart: what one has, another has not', async () => {
    const runId = await createRun();
    const path = `${RUNS}/get?run_id=${runId}`;

    const own = await ask('GET', `/t/default${path}`);
    const elsewhere = await ask('GET', `/t/b${path}`, { as: 'other' });
    const byHeader = await ask('GET', path, { as: 'other', headers: { 'x-mlflow-workspace': 'b' } });
    const write = await ask('POST', `/t/b${RUNS}/set-tag`, {
      as: 'other',
      json: { run_id: runId, key: 'a', value: 'b' },
    });

    expect(own.status).toBe(200);
    expect([elsewhere, byHeader, write].map(({ status, answer }) => [status, answer.error_code])).toEqual(
      Array.from({ length: 3 }, () => [404, 'RESOURCE_DOES_NOT_EXIST']),
    );
  });

  it('opens no other workspace, by path, by header or by none', async () => {
    const path = `${EXPERIMENTS}/get?experiment_id=0`;

    const refused = [
      await ask('GET', `/t/b${path}`),
      await ask('GET', path, { headers: { 'x-mlflow-workspace': 'b' } }),
      await ask('GET', path, { as: 'other' }),
      await ask('GET', `/t/default${path}`, { as: 'other' }),
      await ask('GET', `/t/b/../default${path}`, { as: 'other' }),
      await ask('GET', `/t/%64efault${path}`, { as: 'other' }),
    ];

    expect(refused.map(({ status, answer }) => [status, answer.error_code])).toEqual(
      Array.from(refused, () => [403, 'PERMISSION_DENIED']),
    );
  });

  it('knows no other paths, and refuses types that are no JSON', async () => {
    const unknown = await ask('POST', '/api/2.0/mlflow/nothing/here', { json: {} });
    const wrongMethod = await ask('DELETE', `${RUNS}/get`);
    const wrongType = await ask('POST', `${RUNS}/create`, { body: '{}', headers: { 'content-type': 'text/plain' } });

    expect([unknown, wrongMethod].map(({ status, answer }) => [status, answer.error_code])).toEqual([
      [404, 'ENDPOINT_NOT_FOUND'],
      [404, 'ENDPOINT_NOT_FOUND'],
    ]);
    expect([wrongType.status, wrongType.answer.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  });

  it('reads the body of a DELETE', async () => {
    const runId = await createRun();
    const model = await ask('POST', '/api/2.0/mlflow/logged-models', { json: { experiment_id: '0', name: 'm' } });
    const modelId = model.answer.model.info.model_id;

    const dropped = await ask('DELETE', `/api/2.0/mlflow/logged-models/${modelId}`, { json: { model_id: modelId } });

    expect(runId).toMatch(/^[0-9a-f]{32}$/);
    expect(dropped.status).toBe(200);
    expect((await ask('GET', `/api/2.0/mlflow/logged-models/${modelId}`)).status).toBe(404);
  });

  it('refuses a body that is too large by 413, whether function or gateway meets it first', async () => {
    const path = `/api/2.0/mlflow-artifacts/artifacts/0/x/artifacts/large.bin`;
    const sizes = [4_500_001, 4_900_000, 11_000_000];

    const refused = [];
    for (const size of sizes) refused.push(await ask('PUT', path, { body: new Uint8Array(size) }));

    expect(refused.map(({ status }) => status)).toEqual([413, 413, 413]);
    for (const { answer } of refused) {
      expect(answer.error_code).toBe('RESOURCE_LIMIT_EXCEEDED');
      expect(answer.message).toContain('MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true');
    }
  });

  it('stores and gives bytes of any type as they are', async () => {
    const body = new Uint8Array(randomBytes(100_000));
    const path = '/api/2.0/mlflow-artifacts/artifacts/0/x/artifacts/random.csv';

    const stored = await ask('PUT', path, { body, headers: { 'content-type': 'text/csv' } });
    const sentOn = await ask('GET', path);
    const fetched = await fetch(sentOn.headers.get('location') ?? '');

    expect([stored.status, sentOn.status]).toEqual([200, 307]);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
  });

  it('tells that an artifact is not there, though its role may not ask for what is not', async () => {
    const missing = await ask('GET', '/api/2.0/mlflow-artifacts/artifacts/0/x/artifacts/none.csv');

    expect([missing.status, missing.answer.error_code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  });

  it('compresses a large answer for a client that takes it, and carries text of any script', async () => {
    const runId = await createRun();
    const tags = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, value: `${i}-å漢🦜`.padEnd(4_000, '漢') }));
    await ask('POST', `${RUNS}/log-batch`, { json: { run_id: runId, tags } });

    const { headers, answer } = await ask('GET', `${RUNS}/get?run_id=${runId}`);
    const plain = await ask('GET', `${RUNS}/get?run_id=${runId}`, { headers: { 'accept-encoding': 'identity' } });

    expect(headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(answer).toEqual(plain.answer);
    expect(answer.run.data.tags).toEqual(expect.arrayContaining(tags));
  });
});
