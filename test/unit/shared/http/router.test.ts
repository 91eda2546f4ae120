import { describe, expect, it } from 'vitest';
import {
  createApiGatewayHandler,
  createRouteFinder,
  createRouter,
  type HttpRequest,
  jsonResponse,
  readJsonBody,
  renderOpenInferenceError,
} from '../../../../shared/http/index.ts';
import { UnavailableError } from '../../../../shared/kernel/errors.ts';

const request = (method: string, path: string, change: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  path,
  query: {},
  queryLists: {},
  headers: {},
  body: new Uint8Array(),
  requestId: 'request-1',
  ...change,
});

describe('the router', () => {
  const router = createRouter(
    [
      { method: 'GET', path: '/v2/models/{model}', handle: async (_, parameters) => jsonResponse(200, parameters) },
      {
        method: 'POST',
        path: '/v2/models/{model}',
        handle: async () => Promise.reject(new UnavailableError('no model in service')),
      },
    ],
    renderOpenInferenceError,
  );

  it('decodes one segment a parameter', async () => {
    expect((await router(request('GET', '/v2/models/a%2Fb'))).body).toBe('{"model":"a/b"}');
    expect((await router(request('GET', '/v2/models/a/'))).status).toBe(200);
    expect((await router(request('GET', '/v2/models/'))).status).toBe(404);
    expect((await router(request('GET', '/v2/models/a/b'))).status).toBe(404);
  });

  it('renders what a handler throws, with Retry-After when trying again helps', async () => {
    const { status, headers, body } = await router(request('POST', '/v2/models/a'));

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(body).toBe('{"error":"no model in service"}');
  });
});

describe('a JSON body', () => {
  const body = (text: string) => ({ body: new TextEncoder().encode(text) });

  it('needs no Content-Type, and refuses another one', () => {
    expect(readJsonBody(request('POST', '/', body('{"a":1}')), 100)).toEqual({ a: 1 });
    expect(() =>
      readJsonBody(request('POST', '/', { ...body('{}'), headers: { 'content-type': 'text/csv' } }), 100),
    ).toThrow('content-type must be application/json, got text/csv');
  });

  it('refuses bytes that are not UTF-8, and more than the limit', () => {
    expect(() => readJsonBody(request('POST', '/', { body: Uint8Array.of(0x22, 0xff, 0x22) }), 100)).toThrow(
      'not UTF-8',
    );
    expect(() => readJsonBody(request('POST', '/', body('"a\ufffd"')), 100)).toThrow('not UTF-8');
    expect(() => readJsonBody(request('POST', '/', body('"12345"')), 6)).toThrow('7 bytes, at most 6');
  });
});

describe('a body said to be compressed', () => {
  it.each(['gzip', 'br', 'GZIP, identity'])('by %s is refused, as it would be read as it is', (encoding) => {
    const headers = { 'content-encoding': encoding };
    const compressed = request('POST', '/', { headers, body: new TextEncoder().encode('{}') });

    expect(() => readJsonBody(compressed, 100)).toThrow(`content-encoding ${encoding.toLowerCase()} is not supported`);
  });
});

describe('API Gateway', () => {
  it('carries binary bodies both ways', async () => {
    const echo = createApiGatewayHandler(async ({ body, headers, principal }) => ({
      status: 200,
      headers: { 'x-type': headers['content-type'] ?? '', 'x-principal': principal ?? 'nobody' },
      body,
    }));

    const result = await echo({
      httpMethod: 'POST',
      path: '/',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
      requestContext: { identity: { userArn: null } },
    });

    expect(result).toEqual({
      statusCode: 200,
      headers: { 'x-type': 'application/octet-stream', 'x-principal': 'nobody' },
      body: 'AP8=',
      isBase64Encoded: true,
    });
  });
});

describe('the route finder', () => {
  const find = createRouteFinder([
    { method: 'GET', path: '/runs/{id}', name: 'one' },
    { method: 'GET', path: '/runs/search', name: 'shadowed' },
    { method: 'POST', path: '/runs/search', name: 'search' },
    { method: 'PUT', path: '/files/{path+}', name: 'file' },
  ] as const);
  const found = (method: string, path: string) => {
    const answer = find(method, path);
    return 'allowed' in answer ? answer.allowed : [answer.route.name, answer.parameters];
  };

  it('gives the first route that matches, whether its path has parameters or not', () => {
    expect(found('GET', '/runs/search')).toEqual(['one', { id: 'search' }]);
    expect(found('POST', '/runs/search')).toEqual(['search', {}]);
    expect(found('POST', '/runs/sear%63h/')).toEqual(['search', {}]);
    expect(found('PUT', '/files/a%20b/c')).toEqual(['file', { path: 'a b/c' }]);
  });

  it('tells the methods that a known path is asked by, and none for an unknown one', () => {
    expect(found('DELETE', '/runs/search')).toEqual(['GET', 'POST']);
    expect(found('GET', '/files')).toEqual([]);
  });
});
