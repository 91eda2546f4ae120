import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorkspacePorts } from '../../../../functions/tracking-api/deps.ts';
import { createMlflowApi } from '../../../../functions/tracking-api/mlflow-api.ts';
import type { MlflowCall, MlflowRoute } from '../../../../functions/tracking-api/mlflow-route.ts';
import type { HttpRequest } from '../../../../shared/http/index.ts';
import {
  AlreadyExistsError,
  InvalidStateError,
  NotFoundError,
  NotImplementedError,
} from '../../../../shared/kernel/errors.ts';

const ERRORS = {
  exists: new AlreadyExistsError('taken'),
  missing: new NotFoundError('no such run'),
  state: new InvalidStateError('deleted'),
  unbuilt: new NotImplementedError('not here'),
  bug: new Error('secret'),
} as const;

const seen: MlflowCall[] = [];
const note = async (call: MlflowCall) => {
  seen.push(call);
  return {};
};

const ROUTES: readonly MlflowRoute[] = [
  { method: 'GET', path: '/version', root: true, open: true, handle: note },
  { method: 'GET', path: '/2.0/mlflow/runs/get', handle: note },
  { method: 'POST', path: '/2.0/mlflow/runs/create', handle: note },
  { method: 'POST', path: '/2.0/mlflow/runs/search', handle: note },
  { method: 'PATCH', path: '/2.0/mlflow/model-versions/update', handle: note },
  { method: 'DELETE', path: '/2.0/mlflow/model-versions/delete', handle: note },
  { method: 'POST', path: '/2.0/mlflow/webhooks', handle: note },
  { method: 'PUT', path: '/2.0/mlflow-artifacts/artifacts/{path+}', rawBody: true, handle: note },
  { method: 'GET', path: '/2.0/doubles', handle: async () => ({ a: Number.NaN, b: [-Infinity, 1.5], c: undefined }) },
  { method: 'GET', path: '/2.0/large', handle: async () => ({ text: 'x'.repeat(200_000) }) },
  { method: 'GET', path: '/2.0/huge', handle: async () => ({ text: Buffer.alloc(5_000_000, '🦜').toString() }) },
  {
    method: 'GET',
    path: '/2.0/fails/{how}',
    handle: async ({ parameters }) => Promise.reject(ERRORS[parameters.how as keyof typeof ERRORS]),
  },
];

const open = (nowMs = 100) => {
  const workspaces: string[] = [];
  const portsOf = (workspace: string): WorkspacePorts => {
    workspaces.push(workspace);
    return {} as WorkspacePorts;
  };
  const api = createMlflowApi({ portsOf, clock: { nowMs: () => nowMs }, newId: () => 'id' }, ROUTES);
  const ask = async (method: string, path: string, change: Partial<HttpRequest> & { readonly json?: unknown } = {}) => {
    const { json, ...rest } = change;
    const answer = await api(
      {
        method,
        path,
        query: {},
        queryLists: {},
        headers: json === undefined ? {} : { 'content-type': 'application/json' },
        body: json === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(json)),
        requestId: 'request-1',
        principal: 'alice',
        authorizer: { principalId: 'alice', role: 'write', workspaces: 'default,a' },
        ...rest,
      },
      () => 20_000,
    );
    return { ...answer, text: Buffer.from(answer.body).toString('utf8') };
  };
  return { ask, workspaces };
};
const refusal = (text: string) => JSON.parse(text) as { readonly error_code: string; readonly message: string };

beforeEach(() => {
  seen.length = 0;
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('the tracking API', () => {
  it('answers below /api and /ajax-api, in the workspace of path or header', async () => {
    const { ask, workspaces } = open();

    for (const path of ['/api/2.0/mlflow/runs/get', '/t/a/ajax-api/2.0/mlflow/runs/get']) await ask('GET', path);
    await ask('GET', '/api/2.0/mlflow/runs/get', { headers: { 'x-mlflow-workspace': 'a' } });

    expect(workspaces).toEqual(['default', 'a', 'a']);
    expect(seen.map(({ workspace, principal }) => `${principal}@${workspace}`)).toEqual([
      'alice@default',
      'alice@a',
      'alice@a',
    ]);
  });

  it.each([
    ['GET', '/api/2.0/mlflow/runs/nope'],
    ['GET', '/2.0/mlflow/runs/get'],
    ['DELETE', '/api/2.0/mlflow/runs/get'],
    ['GET', '/api/version'],
    ['GET', '/'],
  ])('has no endpoint at %s %s', async (method, path) => {
    const { status, text } = await open().ask(method, path);

    expect(status).toBe(404);
    expect(refusal(text).error_code).toBe('ENDPOINT_NOT_FOUND');
  });

  it('refuses a workspace that the token is not for, and one that path and header disagree on', async () => {
    const { ask, workspaces } = open();

    const other = await ask('GET', '/t/b/api/2.0/mlflow/runs/get');
    const byHeader = await ask('GET', '/api/2.0/mlflow/runs/get', { headers: { 'x-mlflow-workspace': 'b' } });
    const torn = await ask('GET', '/t/a/api/2.0/mlflow/runs/get', { headers: { 'x-mlflow-workspace': 'default' } });

    expect([other.status, byHeader.status, torn.status]).toEqual([403, 403, 400]);
    expect(refusal(other.text)).toEqual({
      error_code: 'PERMISSION_DENIED',
      message: 'the token of "alice" is not for workspace "b"',
    });
    expect(workspaces).toEqual([]);
  });

  it('lets a reader read, by GET and by a POST that searches, and write nothing', async () => {
    const { ask } = open();
    const authorizer = { principalId: 'r', role: 'read', workspaces: 'default' };

    const asked = await Promise.all([
      ask('GET', '/api/2.0/mlflow/runs/get', { authorizer }),
      ask('POST', '/api/2.0/mlflow/runs/search', { authorizer, json: {} }),
      ask('POST', '/api/2.0/mlflow/runs/create', { authorizer, json: {} }),
      ask('DELETE', '/api/2.0/mlflow/model-versions/delete', { authorizer, json: {} }),
      ask('PUT', '/api/2.0/mlflow-artifacts/artifacts/search', { authorizer }),
    ]);

    expect(asked.map(({ status }) => status)).toEqual([200, 200, 403, 403, 403]);
  });

  it('lets administrators alone make webhooks', async () => {
    const { ask } = open();
    const authorizer = { principalId: 'a', role: 'admin', workspaces: '*' };

    expect((await ask('POST', '/api/2.0/mlflow/webhooks', { json: {} })).status).toBe(403);
    expect((await ask('POST', '/api/2.0/mlflow/webhooks', { json: {}, authorizer })).status).toBe(200);
  });

  it('refuses what came past the authoriser, and a token that has expired since it answered', async () => {
    const { ask } = open();
    const expired = { principalId: 'alice', role: 'write', workspaces: 'default', expiresAtMs: '100' };

    expect((await ask('GET', '/api/2.0/mlflow/runs/get', { authorizer: {} })).status).toBe(401);
    expect((await ask('GET', '/api/2.0/mlflow/runs/get', { authorizer: expired })).status).toBe(401);
    expect((await ask('GET', '/version', { authorizer: {} })).status).toBe(200);
  });

  it('reads a query with its lists, a body in JSON, and of DELETE and PATCH the body or else the query', async () => {
    const { ask } = open();
    const queryLists = { run_id: ['x'], run_ids: ['a', 'b'] };

    await ask('GET', '/api/2.0/mlflow/runs/get', { queryLists });
    await ask('POST', '/api/2.0/mlflow/runs/create', { json: { run_id: 'y' } });
    await ask('POST', '/api/2.0/mlflow/runs/create');
    await ask('DELETE', '/api/2.0/mlflow/model-versions/delete', { json: { run_id: 'z' }, queryLists });
    await ask('PATCH', '/api/2.0/mlflow/model-versions/update', { queryLists });

    expect(seen.map(({ input }) => input.text('run_id'))).toEqual(['x', 'y', undefined, 'z', 'x']);
    expect(seen[0]?.input.texts('run_ids')).toEqual(['a', 'b']);
  });

  it.each([
    ['POST', 'text/plain', 400],
    ['PATCH', 'application/x-www-form-urlencoded', 400],
    ['POST', 'application/json; charset=utf-8', 200],
    ['POST', '', 200],
    ['DELETE', 'text/plain', 200],
  ])('takes a %s of type %j with %i', async (method, type, expected) => {
    const paths = { POST: 'runs/create', PATCH: 'model-versions/update', DELETE: 'model-versions/delete' } as const;
    const { status, text } = await open().ask(method, `/api/2.0/mlflow/${paths[method as keyof typeof paths]}`, {
      headers: type === '' ? {} : { 'content-type': type },
      body: Buffer.from('{}'),
    });

    expect(status).toBe(expected);
    if (expected === 400) {
      expect(refusal(text)).toEqual({
        error_code: 'INVALID_PARAMETER_VALUE',
        message: "Bad Request. Content-Type must be one of ['application/json'].",
      });
    }
  });

  it.each([
    ['no JSON', Buffer.from('{'), 'the body is not JSON in UTF-8'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is not JSON in UTF-8'],
    ['no object', Buffer.from('[]'), "Invalid value [] for parameter 'request' supplied."],
  ])('refuses a body that is %s', async (_what, body, message) => {
    const { status, text } = await open().ask('POST', '/api/2.0/mlflow/runs/create', { body });

    expect(status).toBe(400);
    expect(refusal(text).message).toContain(message);
  });

  it('takes the replacement character as the character that it is', async () => {
    await open().ask('POST', '/api/2.0/mlflow/runs/create', { json: { name: '\ufffd' } });

    expect(seen[0]?.input.text('name')).toBe('\ufffd');
  });

  it('refuses a body above the limit, and tells of parts where a file was meant', async () => {
    const { ask } = open();
    const body = new Uint8Array(4_500_001);

    const message = await ask('POST', '/api/2.0/mlflow/runs/create', { body });
    const file = await ask('PUT', '/api/2.0/mlflow-artifacts/artifacts/a/b.bin', { body });

    expect([message.status, file.status]).toEqual([413, 413]);
    expect(refusal(message.text)).toEqual({
      error_code: 'RESOURCE_LIMIT_EXCEEDED',
      message: 'the body has 4500001 bytes, at most 4500000 are allowed',
    });
    expect(refusal(file.text).message).toContain('MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true');
  });

  it('gives a raw body of any type through, with its path whole', async () => {
    const body = new Uint8Array([0, 255]);
    const headers = { 'content-type': 'text/csv' };

    await open().ask('PUT', '/api/2.0/mlflow-artifacts/artifacts/1/a%20b/c.bin', { body, headers });

    expect(seen[0]?.parameters).toEqual({ path: '1/a b/c.bin' });
    expect(seen[0]?.request.body).toEqual(body);
  });

  it('tells a handler when its time gets short', async () => {
    const api = createMlflowApi(
      { portsOf: () => ({}) as WorkspacePorts, clock: { nowMs: () => 0 }, newId: () => 'id' },
      ROUTES,
    );
    let remainingMs = 9_000;
    await api(
      {
        method: 'GET',
        path: '/version',
        query: {},
        queryLists: {},
        headers: {},
        body: new Uint8Array(),
        requestId: 'r',
      },
      () => remainingMs,
    );

    expect(seen[0]?.timeIsShort()).toBe(false);
    remainingMs = 8_999;
    expect(seen[0]?.timeIsShort()).toBe(true);
  });
});

describe('an answer', () => {
  it('spells doubles that JSON has not, and leaves unset fields out', async () => {
    expect((await open().ask('GET', '/api/2.0/doubles')).text).toBe('{"a":"NaN","b":["-Infinity",1.5]}');
  });

  it.each([
    ['gzip, deflate', true],
    ['br;q=1, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['', false],
  ])('is compressed when it is large and the client takes %j: %s', async (accepted, compressed) => {
    const { headers, body } = await open().ask('GET', '/api/2.0/large', { headers: { 'accept-encoding': accepted } });
    const text = compressed ? gunzipSync(body as Uint8Array).toString() : Buffer.from(body).toString();

    expect(headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(JSON.parse(text).text).toHaveLength(200_000);
  });

  it('that fits through Lambda in no form is refused by its size, and so fits when it is compressed', async () => {
    const { ask } = open();

    const plain = await ask('GET', '/api/2.0/huge');
    const packed = await ask('GET', '/api/2.0/huge', { headers: { 'accept-encoding': 'gzip' } });

    expect(plain.status).toBe(413);
    expect(refusal(plain.text).message).toMatch(/^the answer has \d+ bytes, more than one answer can carry/);
    expect(packed.status).toBe(200);
  });

  it.each([
    ['exists', 400, 'RESOURCE_ALREADY_EXISTS', 'taken'],
    ['missing', 404, 'RESOURCE_DOES_NOT_EXIST', 'no such run'],
    ['state', 400, 'INVALID_STATE', 'deleted'],
    ['unbuilt', 501, 'NOT_IMPLEMENTED', 'not here'],
    ['bug', 500, 'INTERNAL_ERROR', 'internal error, request request-1'],
  ])('of an error (%s) has MLflow’s status %i and code', async (how, expected, code, message) => {
    const { status, headers, text } = await open().ask('GET', `/api/2.0/fails/${how}`);

    expect(status).toBe(expected);
    expect(headers['content-type']).toBe('application/json');
    expect(refusal(text)).toEqual({ error_code: code, message });
  });
});
