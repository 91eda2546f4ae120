import { afterEach, expect, test } from 'vitest';
import { createApiGatewayService } from '../../../../../infra/local/apigateway/service.ts';
import type { CreateService, InvokeRequest, InvokeResult } from '../../../../../infra/local/contracts.ts';
import { createCredentialStore } from '../../../../../infra/local/iam/credentials.ts';
import { createApiClient } from '../../../../../infra/local/story/api-client.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

let local: StartedService;
afterEach(() => local?.stop());

const service: CreateService = (context) =>
  createApiGatewayService(createCredentialStore(context.store, context))(context);
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:infer:live';
const URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;

type Answer = (event: Record<string, unknown>) => unknown | Promise<unknown>;

const provision = async (
  type: string,
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<string> => {
  const provider = local.services[0]!.resources[`AWS::ApiGateway::${type}`]!;
  return (await provider.create({ stackName: 'S', logicalId, properties, generatedName: `S-${logicalId}-X` }))
    .physicalId;
};

interface ApiShape {
  readonly methods?: readonly (readonly [path: string, httpMethod: string, authorization?: string])[];
  readonly stage?: Readonly<Record<string, unknown>>;
  readonly api?: Readonly<Record<string, unknown>>;
  readonly method?: Readonly<Record<string, unknown>>;
}

/** An API whose functions answer by `answer`; gives its base URL. */
const startApi = async (
  answer: Answer,
  { methods = [['/{proxy+}', 'ANY']], stage = {}, api = {}, method = {} }: ApiShape = {},
): Promise<string> => {
  const invokeFunction = async ({ payload, functionName }: InvokeRequest): Promise<InvokeResult> => {
    const result = await answer({ functionName, ...JSON.parse(payload) });
    if (result instanceof Error)
      return { statusCode: 200, functionError: 'Unhandled', payload: '{"errorType":"Error"}', executedVersion: '1' };
    return { statusCode: 200, payload: JSON.stringify(result) ?? 'null', executedVersion: '1' };
  };
  local = await startLocalService(service, { ports: { invokeFunction } });
  const apiId = await provision('RestApi', 'Api', { Name: 'predict', ...api });
  const root = local.store.table<{ rootResourceId: string }>('apigateway-apis').get(apiId)!.rootResourceId;
  const ids = new Map([['', root]]);
  for (const [path, httpMethod, AuthorizationType = 'NONE'] of methods) {
    let at = '';
    for (const PathPart of path.split('/').filter(Boolean)) {
      const ParentId = ids.get(at);
      at += `/${PathPart}`;
      if (!ids.has(at))
        ids.set(at, await provision('Resource', `Resource${at}`, { RestApiId: apiId, ParentId, PathPart }));
    }
    const Integration = { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: URI };
    await provision('Method', `Method${at}${httpMethod}`, {
      RestApiId: apiId,
      ResourceId: ids.get(at),
      HttpMethod: httpMethod,
      AuthorizationType,
      Integration,
      ...method,
    });
  }
  const DeploymentId = await provision('Deployment', 'Deployment', { RestApiId: apiId });
  await provision('Stage', 'Stage', { RestApiId: apiId, DeploymentId, StageName: 'v1', ...stage });
  return `${local.endpoint}/_apis/${apiId}/v1`;
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
  const answers: Readonly<Record<string, Answer>> = {
    '/failed': () => new Error('x'),
    '/text': () => 'not an answer',
    '/none': () => undefined,
    '/object': () => ({ statusCode: 200, body: { a: 1 } }),
    '/slow': () => new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 300)),
  };
  const Integration = { Type: 'AWS_PROXY', Uri: URI, TimeoutInMillis: 50 };
  const base = await startApi((event) => answers[String(event.path)]?.(event), { method: { Integration } });

  for (const path of ['/failed', '/text', '/none', '/object']) {
    const answer = await fetch(base + path);
    expect([path, answer.status, await answer.json()]).toEqual([path, 502, { message: 'Internal server error' }]);
  }
  expect((await fetch(`${base}/slow`)).status).toBe(504);
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
  await provision('Method', 'Late', {
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
