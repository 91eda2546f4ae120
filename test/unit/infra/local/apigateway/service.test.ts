import { afterEach, expect, test } from 'vitest';
import { createApiClient } from '../../../../../infra/local/story/api-client.ts';
import {
  type Answer,
  PROXIED_FUNCTION_ARN as FUNCTION_ARN,
  functionUri,
  type RestApi,
  type RestApiShape,
  startRestApi,
} from '../../../../helpers/rest-api.ts';

let local: RestApi;
afterEach(() => local?.stop());

const URI = functionUri(FUNCTION_ARN);

/** Lets the time-out of the integration come while the request is open. */
const whileTimePasses = async <T>(request: Promise<T>): Promise<T> => {
  await expect.poll(() => local.clock.nextTimerMs()).toBeDefined();
  await local.clock.advanceBy(50);
  return request;
};

/** An API whose functions answer by `answer`; gives its base URL. */
const startApi = async (answer: Answer, shape: RestApiShape = {}): Promise<string> => {
  local = await startRestApi(answer, shape);
  return local.baseUrl;
};

const echo: Answer = (event) => ({ statusCode: 200, headers: { 'X-Seen': '1' }, body: JSON.stringify(event) });

const signedGet = async (url: string, secretAccessKey = 'local') => {
  const client = createApiClient({ region: 'us-east-1', accessKeyId: 'local', secretAccessKey }, () =>
    local.clock.nowMs(),
  );
  try {
    return await client.call('GET', url);
  } finally {
    client.close();
  }
};

test('gives the function the event of a proxy integration and the client its answer', async () => {
  const base = await startApi(echo, { methods: [['/models/{model}/{proxy+}', 'POST']] });

  const answer = await fetch(`${base}/models/flight-delay/infer/now?a=1&a=2&b=%20x`, {
    method: 'POST',
    body: '{"x":1}',
    headers: { 'content-type': 'application/json' },
  });
  const event = (await answer.json()) as Record<string, unknown>;

  expect(answer.headers.get('x-seen')).toBe('1');
  expect(event).toMatchObject({
    functionName: FUNCTION_ARN,
    resource: '/models/{model}/{proxy+}',
    path: '/models/flight-delay/infer/now',
    httpMethod: 'POST',
    pathParameters: { model: 'flight-delay', proxy: 'infer/now' },
    queryStringParameters: { a: '2', b: ' x' },
    multiValueQueryStringParameters: { a: ['1', '2'] },
    body: '{"x":1}',
    isBase64Encoded: false,
    requestContext: {
      stage: 'v1',
      path: '/v1/models/flight-delay/infer/now',
      requestTimeEpoch: Date.UTC(2001, 0, 1),
      requestTime: '01/Jan/2001:00:00:00 +0000',
    },
  });
});

test('prefers a static part to a variable and a variable to a greedy one', async () => {
  const base = await startApi(echo, {
    methods: [
      ['/v2/{proxy+}', 'GET'],
      ['/v2/models/{model}', 'GET'],
      ['/v2/models/ready', 'GET'],
      ['/v2/{other}/live', 'GET'],
    ],
  });
  const resourceOf = async (path: string) =>
    (await (await fetch(base + path)).json()) as { resource?: string; message?: string };

  expect((await resourceOf('/v2/models/ready')).resource).toBe('/v2/models/ready');
  expect((await resourceOf('/v2/models/a%2Fb')).resource).toBe('/v2/models/{model}');
  expect((await resourceOf('/v2/health/live')).resource).toBe('/v2/{other}/live');
  expect((await resourceOf('/v2/models/a/infer')).resource).toBe('/v2/{proxy+}');
  expect((await resourceOf('/v3')).message).toBe('Missing Authentication Token');
});

test('asks for a valid signature where the method wants IAM and tells the function who signed', async () => {
  const base = await startApi(echo, { methods: [['/models', 'GET', 'AWS_IAM']] });

  const unsigned = await fetch(`${base}/models`);
  const forged = await signedGet(`${base}/models`, 'wrong');
  const signed = await signedGet(`${base}/models?limit=5`);

  expect([unsigned.status, await unsigned.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
  expect([forged.status, forged.body]).toEqual([
    403,
    { message: expect.stringContaining('signature we calculated does not match') },
  ]);
  expect(signed.status).toBe(200);
  expect(signed.body).toMatchObject({
    requestContext: { identity: { userArn: 'arn:aws:iam::000000000000:user/local' } },
  });
});

test('answers 502 for a failed function or a malformed answer, 504 when it takes too long, 413 above 10 MB', async () => {
  const slow = Promise.withResolvers<void>();
  let finished = false;
  void slow.promise.then(() => {
    finished = true;
  });
  const answers: Readonly<Record<string, Answer>> = {
    '/failed': () => new Error('x'),
    '/text': () => 'not an answer',
    '/none': () => undefined,
    '/object': () => ({ statusCode: 200, body: { a: 1 } }),
    '/slow': () => slow.promise,
  };
  const Integration = { Type: 'AWS_PROXY', Uri: URI, TimeoutInMillis: 50 };
  const base = await startApi((event) => answers[String(event.path)]?.(event), { method: { Integration } });

  for (const path of ['/failed', '/text', '/none', '/object']) {
    const answer = await fetch(base + path);
    expect([path, answer.status, await answer.json()]).toEqual([path, 502, { message: 'Internal server error' }]);
  }
  const late = await whileTimePasses(fetch(`${base}/slow`));
  expect([late.status, await late.json()]).toEqual([504, { message: 'Endpoint request timed out' }]);
  expect(finished).toBe(false);
  slow.resolve();
  expect((await fetch(`${base}/big`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) })).status).toBe(413);
  expect(local.recorded.metrics.filter(({ name, value }) => name === '5XXError' && value === 1)).toHaveLength(10);
});

test('throttles a stage at its burst and admits again as time passes', async () => {
  const MethodSettings = [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 }];
  const base = await startApi(echo, { stage: { MethodSettings } });
  const status = async () => (await fetch(`${base}/x`)).status;

  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  await local.clock.advanceBy(1_000_000);
  expect(await status()).toBe(200);
});

test('carries binary bodies as base64 both ways when the media type is declared', async () => {
  const bytes = Buffer.from([0, 255, 128]);
  const base = await startApi(
    (event) => ({
      statusCode: 200,
      isBase64Encoded: true,
      body: event.body,
      headers: { 'content-type': 'application/octet-stream' },
    }),
    {
      api: { BinaryMediaTypes: ['application/octet-stream'] },
    },
  );
  const headers = { 'content-type': 'application/octet-stream', accept: 'application/octet-stream' };

  const answer = await fetch(`${base}/bytes`, { method: 'POST', body: bytes, headers });

  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
});

test('writes the access log and serves what the deployment froze, not what was added since', async () => {
  const base = await startApi(echo, {
    stage: {
      AccessLogSetting: {
        DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:access',
        Format: '{"path":"$context.path","status":$context.status,"user":"$context.identity.user"}',
      },
    },
    methods: [['/a', 'GET']],
  });
  const apiId = base.split('/').at(-2)!;
  await local.provision('Method', 'Late', {
    RestApiId: apiId,
    ResourceId: 'r',
    HttpMethod: 'POST',
    AuthorizationType: 'NONE',
    Integration: { Type: 'MOCK' },
  });

  await fetch(`${base}/a`);

  expect(local.recorded.logLines).toMatchObject([
    { logGroup: 'access', message: '{"path":"/v1/a","status":200,"user":"-"}' },
  ]);
  expect((await fetch(`${base}/a`, { method: 'POST' })).status).toBe(403);
});

test('gives its own answers the form of their type, then that of all 4xx', async () => {
  const base = await startApi(echo, {
    methods: [['/models', 'GET', 'AWS_IAM']],
    before: async ({ apiId, provision }) => {
      const template = {
        'application/problem+json': '{"title":$context.error.messageString,"type":"$context.error.responseType"}',
      };
      await provision('GatewayResponse', 'Any', {
        RestApiId: apiId,
        ResponseType: 'DEFAULT_4XX',
        ResponseTemplates: template,
      });
      await provision('GatewayResponse', 'Token', {
        RestApiId: apiId,
        ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
        StatusCode: '404',
        ResponseParameters: { 'gatewayresponse.header.X-Why': "'no such thing'" },
      });
      return {};
    },
  });

  const missing = await fetch(`${base}/nothing`);
  const forged = await signedGet(`${base}/models`, 'wrong');

  expect([missing.status, missing.headers.get('x-why'), await missing.json()]).toEqual([
    404,
    'no such thing',
    { message: 'Missing Authentication Token' },
  ]);
  expect(forged).toMatchObject({ status: 403, body: { type: 'INVALID_SIGNATURE' } });
});

test.each([
  ['Integration', { Type: 'HTTP', Uri: 'https://example.com' }],
  ['Integration', { Type: 'AWS_PROXY', Uri: URI, Credentials: 'arn:aws:iam::000000000000:role/x' }],
  ['RequestModels', { 'application/json': 'Model' }],
  ['AuthorizationScopes', ['a']],
])('refuses a method with %s that it has no behaviour for', async (name, value) => {
  local = await startRestApi(echo);
  const method = local.provision('Method', 'Refused', {
    RestApiId: local.apiId,
    ResourceId: 'r',
    HttpMethod: 'GET',
    AuthorizationType: 'NONE',
    Integration: { Type: 'MOCK' },
    [name]: value,
  });

  await expect(method).rejects.toThrow(name);
});
