import { afterEach, expect, test } from 'vitest';
import { functionUri, type RestApi, startRestApi } from '../../../../helpers/rest-api.ts';

let local: RestApi;
afterEach(() => local?.stop());

const AUTHORIZER_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:authorize';

const policy = (Effect: 'Allow' | 'Deny', Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
});

/** An API behind a Lambda authorizer. */
const start = async (
  decide: (event: Record<string, unknown>) => unknown,
  more: Readonly<Record<string, unknown>> = {},
) => {
  const asked: Record<string, unknown>[] = [];
  local = await startRestApi(
    (event) => {
      if (event.functionName !== AUTHORIZER_ARN) return { statusCode: 200, body: JSON.stringify(event) };
      asked.push(event);
      return decide(event);
    },
    {
      methods: [
        ['/a', 'GET', 'CUSTOM'],
        ['/b', 'GET', 'CUSTOM'],
      ],
      before: async ({ apiId, provision }) => ({
        AuthorizerId: await provision('Authorizer', 'Authorizer', {
          Name: 'authorize',
          RestApiId: apiId,
          Type: 'TOKEN',
          AuthorizerUri: functionUri(AUTHORIZER_ARN),
          ...more,
        }),
      }),
    },
  );
  const get = async (path: string, token?: string) => {
    const answer = await fetch(local.baseUrl + path, { headers: token === undefined ? {} : { authorization: token } });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { asked, get };
};

test('asks the authorizer once a token for as long as its answer is kept, and applies the policy to each method', async () => {
  const { asked, get } = await start(({ methodArn }) => ({
    principalId: 'ann',
    policyDocument: policy('Allow', String(methodArn)),
    context: { tenant: 'blue' },
  }));

  const first = await get('/a', 'token');
  const again = await get('/a', 'token');
  const other = await get('/b', 'token');
  await local.clock.advanceBy(300_000);
  await get('/a', 'token');

  expect(first.body).toMatchObject({ requestContext: { authorizer: { principalId: 'ann', tenant: 'blue' } } });
  expect(again.status).toBe(200);
  expect([other.status, other.body]).toEqual([403, { message: 'User is not authorized to access this resource' }]);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({
    type: 'TOKEN',
    authorizationToken: 'token',
    methodArn: expect.stringMatching(/^arn:aws:execute-api:us-east-1:000000000000:[a-z0-9]+\/v1\/GET\/a$/),
  });
});

test('tells an explicit deny, an unauthorized caller and an authorizer that is wrong', async () => {
  const answers: Readonly<Record<string, unknown>> = {
    deny: { principalId: 'ann', policyDocument: policy('Deny', '*') },
    nobody: new Error('Unauthorized'),
    broken: new Error('no database'),
    shapeless: { principalId: 'ann' },
  };
  const { get } = await start(({ authorizationToken }) => answers[String(authorizationToken)]);

  expect(await get('/a', 'deny')).toEqual({
    status: 403,
    body: { message: 'User is not authorized to access this resource with an explicit deny' },
  });
  expect(await get('/a', 'nobody')).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  expect(await get('/a', 'broken')).toEqual({ status: 500, body: { message: null } });
  expect(await get('/a', 'shapeless')).toEqual({ status: 500, body: { message: null } });
});

test('never asks without the identity, or with one that the expression refuses', async () => {
  const { asked, get } = await start(() => ({ principalId: 'ann', policyDocument: policy('Allow', '*') }), {
    IdentityValidationExpression: 'Bearer .+',
  });

  expect((await get('/a')).status).toBe(401);
  expect((await get('/a', 'Basic x')).status).toBe(401);
  expect((await get('/a', 'Bearer x')).status).toBe(200);
  expect(asked).toHaveLength(1);
});

test('gives a REQUEST authorizer the whole request', async () => {
  const { asked, get } = await start(() => ({ principalId: 'ann', policyDocument: policy('Allow', '*') }), {
    Type: 'REQUEST',
    IdentitySource: 'method.request.querystring.tenant, method.request.header.Authorization',
  });

  expect((await get('/a', 'x')).status).toBe(401);
  expect((await get('/a?tenant=blue', 'x')).status).toBe(200);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    type: 'REQUEST',
    httpMethod: 'GET',
    resource: '/a',
    queryStringParameters: { tenant: 'blue' },
    requestContext: { stage: 'v1' },
  });
});

test('refuses a user pool by name', async () => {
  local = await startRestApi(() => undefined);
  const userPool = local.provision('Authorizer', 'Authorizer', {
    Name: 'users',
    RestApiId: local.apiId,
    Type: 'COGNITO_USER_POOLS',
    ProviderARNs: ['arn:aws:cognito-idp:us-east-1:000000000000:userpool/x'],
  });

  await expect(userPool).rejects.toThrow('COGNITO_USER_POOLS is not supported here');
});
