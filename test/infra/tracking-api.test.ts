import { expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { type Resource, synthesise } from './synthesise.ts';

const { api } = synthesise({ stage: stageConfig('dev') }).templates;
const resources = Object.entries(api.Resources);
const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
const isTracking = ([id]: readonly [string, Resource]): boolean => id.startsWith('Tracking');

interface Statement {
  readonly Resource?: unknown;
  readonly Action: string | readonly string[];
  readonly Condition?: unknown;
}
const statementsOf = (role: string): readonly Statement[] => {
  const [, found] = ofType('AWS::IAM::Role').find(([id]) => id.startsWith(role)) ?? [];
  const policies = (found?.Properties?.Policies ?? []) as readonly {
    readonly PolicyDocument: { readonly Statement: readonly Statement[] };
  }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
};
const onItems = (role: string): readonly Statement[] =>
  statementsOf(role).filter(({ Resource }) => JSON.stringify(Resource).includes('TrackingTable'));

const pathOf = (resourceId: unknown): string => {
  const [, resource] = resources.find(([id]) => id === (resourceId as { readonly Ref?: string }).Ref) ?? [];
  if (resource === undefined) return '';
  return `${pathOf(resource.Properties?.ParentId)}/${String(resource.Properties?.PathPart)}`;
};

it('answers without a token what says that the server is there, and nothing else', () => {
  const open = ofType('AWS::ApiGateway::Method')
    .filter(isTracking)
    .filter(([, { Properties }]) => Properties?.AuthorizationType === 'NONE')
    .map(([, { Properties }]) => `${String(Properties?.HttpMethod)} ${pathOf(Properties?.ResourceId)}`);

  const paths = ['health', 'version', 'api/3.0/mlflow/server-info', 'ajax-api/3.0/mlflow/server-info'];
  expect(open.toSorted()).toEqual(paths.flatMap((path) => [`GET /${path}`, `GET /t/{workspace}/${path}`]).toSorted());
});

it('asks for a token everywhere else, below what is open too', () => {
  const closed = ofType('AWS::ApiGateway::Method')
    .filter(isTracking)
    .filter(([, { Properties }]) => Properties?.AuthorizationType === 'CUSTOM')
    .map(([, { Properties }]) => pathOf(Properties?.ResourceId));

  expect(closed).toContain('/{proxy+}');
  for (const above of ['/t/{workspace}', '/api', '/api/3.0', '/api/3.0/mlflow', '/t/{workspace}/ajax-api/3.0/mlflow']) {
    expect(closed).toContain(above);
    expect(closed).toContain(`${above}/{proxy+}`);
  }
});

it('keeps an answer of the authoriser five minutes for each Authorization header', () => {
  expect(ofType('AWS::ApiGateway::Authorizer').map(([, { Properties }]) => Properties)).toMatchObject([
    {
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 300,
    },
  ]);
});

it('lets the authoriser read tokens alone, and what it answers for use the items of workspaces alone', () => {
  const keys = (prefix: string) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [prefix] } });

  expect(onItems('AuthorizeTracking')).toMatchObject([{ Action: 'dynamodb:GetItem', Condition: keys('token#*') }]);
  expect(onItems('TrackingApi').map(({ Condition }) => Condition)).toEqual([keys('W/*')]);
  expect(JSON.stringify(onItems('TrackingApi'))).not.toContain('Scan');
});

it('lists the bucket below its prefixes only', () => {
  const listing = statementsOf('TrackingApi').filter(({ Action }) => Action === 's3:ListBucket');

  expect(listing.map(({ Condition }) => Condition)).toEqual([
    { StringLike: { 's3:prefix': ['tracking/*', 'models/*'] } },
  ]);
});

it('gives every answer of API Gateway itself MLflow’s form', () => {
  const templates = ofType('AWS::ApiGateway::GatewayResponse')
    .filter(isTracking)
    .map(([, { Properties = {} }]) => [
      Properties.ResponseType,
      JSON.parse(
        (Properties.ResponseTemplates as Record<string, string>)['application/json']?.replace(
          '$context.error.messageString',
          '"said"',
        ) ?? '',
      ).error_code,
    ]);

  expect(Object.fromEntries(templates)).toEqual({
    UNAUTHORIZED: 'UNAUTHENTICATED',
    ACCESS_DENIED: 'PERMISSION_DENIED',
    MISSING_AUTHENTICATION_TOKEN: 'ENDPOINT_NOT_FOUND',
    REQUEST_TOO_LARGE: 'RESOURCE_LIMIT_EXCEEDED',
    THROTTLED: 'REQUEST_LIMIT_EXCEEDED',
    INTEGRATION_TIMEOUT: 'DEADLINE_EXCEEDED',
    DEFAULT_4XX: 'BAD_REQUEST',
    DEFAULT_5XX: 'INTERNAL_ERROR',
  });
});
