import { afterEach, describe, expect, test } from 'vitest';
import type { BalancedRequest } from '../../../../../infra/local/elbv2/forward.ts';
import { type RestApi, startRestApi } from '../../../../helpers/rest-api.ts';

let local: RestApi;
afterEach(() => local?.stop());

const BALANCER = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/inner/0123456789abcdef';
const INTEGRATION = {
  Type: 'HTTP_PROXY',
  IntegrationHttpMethod: 'ANY',
  ConnectionType: 'VPC_LINK',
  ConnectionId: 'link1',
  IntegrationTarget: BALANCER,
  Uri: 'http://internal-inner.us-east-1.elb.localhost:8081/models/toy/{proxy}',
  RequestParameters: {
    'integration.request.path.proxy': 'method.request.path.proxy',
    'integration.request.header.X-Millrace-Caller': 'context.identity.userArn',
    'integration.request.header.X-Where': "'api'",
  },
};

const start = async (answer: { readonly status: number; readonly headers?: Record<string, string> }, change = {}) => {
  const asked: BalancedRequest[] = [];
  local = await startRestApi(() => undefined, {
    methods: [['/models/toy/{proxy+}', 'ANY']],
    method: { Integration: { ...INTEGRATION, ...change } },
    forward: async (request) => {
      asked.push(request);
      return { headers: { 'content-type': 'application/json' }, ...answer, body: '{"ok":true}' };
    },
  });
  return asked;
};

describe('a private integration', () => {
  test('tells by which key the caller is known', async () => {
    const RequestParameters = { 'integration.request.header.X-Key': 'context.identity.apiKeyId' };
    const asked: BalancedRequest[] = [];
    local = await startRestApi(() => undefined, {
      methods: [['/models/toy/{proxy+}', 'ANY']],
      method: { ApiKeyRequired: true, Integration: { ...INTEGRATION, RequestParameters } },
      forward: async (request) => {
        asked.push(request);
        return { status: 200 };
      },
    });
    const KeyId = await local.provision('ApiKey', 'Key', { Value: 'k'.repeat(40), Enabled: true });
    const ApiStages = [{ ApiId: local.apiId, Stage: 'v1' }];
    const UsagePlanId = await local.provision('UsagePlan', 'Plan', { ApiStages });
    await local.provision('UsagePlanKey', 'PlanKey', { KeyId, KeyType: 'API_KEY', UsagePlanId });

    const headers = { 'x-api-key': 'k'.repeat(40), 'x-key': 'another' };
    await fetch(`${local.baseUrl}/models/toy/infer`, { headers });

    expect(asked[0]?.headers['x-key']).toBe(KeyId);
  });

  test('sends path, query, body and headers to its load balancer, with what is mapped over what the caller sent', async () => {
    const asked = await start({ status: 201 });

    const answer = await fetch(`${local.baseUrl}/models/toy/a%20b/infer?x=1&x=2`, {
      method: 'POST',
      headers: { 'x-millrace-caller': 'somebody else', 'x-mine': 'kept' },
      body: 'question',
    });

    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ ok: true });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      loadBalancerArn: BALANCER,
      port: 8081,
      method: 'POST',
      target: '/models/toy/a%20b/infer?x=1&x=2',
      timeoutMs: 29_000,
    });
    // Nobody signed: the method asks for no signature here.
    expect(asked[0]?.headers).toMatchObject({ 'x-millrace-caller': '', 'x-mine': 'kept', 'x-where': 'api' });
    expect(Buffer.from(asked[0]?.body ?? []).toString()).toBe('question');
  });

  test('answers 504 itself when the load balancer gave up, and hands on a 504 of the program', async () => {
    await start({ status: 504, headers: { server: 'awselb/2.0' } });
    const gaveUp = await fetch(`${local.baseUrl}/models/toy/x`);
    expect({ status: gaveUp.status, body: await gaveUp.json() }).toEqual({
      status: 504,
      body: { message: 'Endpoint request timed out' },
    });
    await local.stop();

    await start({ status: 504 });
    const own = await fetch(`${local.baseUrl}/models/toy/x`);
    expect(await own.json()).toEqual({ ok: true });
  });

  test.each([
    [{ ConnectionType: 'INTERNET' }, 'ConnectionType must be one of VPC_LINK'],
    [{ IntegrationTarget: BALANCER.replace('/app/', '/net/') }, 'must be an application load balancer here'],
    [
      { RequestParameters: { 'integration.request.header.X': 'method.request.body' } },
      'must map a path to itself or a header',
    ],
  ])('is refused with %j', async (change, message) => {
    await start({ status: 200 });
    const bad = {
      RestApiId: local.apiId,
      ResourceId: 'r',
      HttpMethod: 'GET',
      Integration: { ...INTEGRATION, ...change },
    };

    await expect(local.provision('Method', 'Bad', bad)).rejects.toThrow(message);
  });
});
