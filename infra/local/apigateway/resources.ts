import {
  AwsError,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
} from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import type { ApiStore } from './api-store.ts';
import { authorizerResource } from './authorizer-resource.ts';
import { keyResources } from './key-resources.ts';
import { readPrivateIntegration } from './private-integration.ts';
import type { GatewayForm, Integration, MethodRecord, MethodSetting, MockResponse, StageRecord } from './records.ts';
import { RESPONSE_TYPES } from './refusal.ts';
import { stableId } from './stable-id.ts';

const DEFAULT_TIMEOUT_MS = 29_000;

type Put = (context: ResourceContext) => Promise<ProvisionedResource>;

const provider = (put: Put, remove: (physicalId: string, context: ResourceContext) => void): ResourceProvider => ({
  create: put,
  update: put,
  delete: async (context) => remove(context.physicalId, context),
});

const restApi = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const id = stableId(context);
      const rootResourceId = stableId(context, 'root');
      readProperties(context, (fields) => {
        fields.accept('Description', 'EndpointConfiguration', 'Tags');
        if (fields.flag('DisableExecuteApiEndpoint')) {
          throw fields.refuse('DisableExecuteApiEndpoint', 'is not supported: there is no other endpoint here');
        }
        // A key that an authorizer gives would have to be asked of it before the plan is known.
        fields.choice('ApiKeySourceType', ['HEADER']);
        store.apis.put(id, {
          id,
          name: fields.text('Name') ?? context.generatedName,
          rootResourceId,
          binaryMediaTypes: fields.texts('BinaryMediaTypes') ?? [],
        });
      });
      store.resources.put(`${id}/${rootResourceId}`, { id: rootResourceId, apiId: id, pathPart: '' });
      return { physicalId: id, attributes: { RootResourceId: rootResourceId, RestApiId: id } };
    },
    (id) => {
      for (const [key] of store.resources.entries(`${id}/`)) store.resources.delete(key);
      store.apis.delete(id);
    },
  );

const resource = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const id = stableId(context);
      readProperties(context, (fields) => {
        const apiId = fields.requiredText('RestApiId');
        const parentId = fields.requiredText('ParentId');
        store.resources.put(`${apiId}/${id}`, { id, apiId, parentId, pathPart: fields.requiredText('PathPart') });
      });
      return { physicalId: id, attributes: { ResourceId: id } };
    },
    (id, { properties }) => store.resources.delete(`${String(properties.RestApiId)}/${id}`),
  );

const readMockResponses = (fields: Fields): readonly MockResponse[] =>
  fields.list('IntegrationResponses', (one) => {
    const parameters = Object.entries(one.textMap('ResponseParameters') ?? {});
    return {
      statusCode: one.requiredText('StatusCode'),
      body: Object.values(one.textMap('ResponseTemplates') ?? {})[0] ?? '',
      headers: Object.fromEntries(
        parameters.map(([name, value]) => [name.replace('method.response.header.', ''), value.replace(/^'|'$/g, '')]),
      ),
    };
  }) ?? [];

const readIntegration = (fields: Fields): Integration => {
  // A proxy is always called by POST and takes every media type.
  fields.accept('IntegrationHttpMethod', 'PassthroughBehavior');
  const type = fields.choice('Type', ['AWS_PROXY', 'HTTP_PROXY', 'MOCK']);
  if (type === 'HTTP_PROXY') return readPrivateIntegration(fields, DEFAULT_TIMEOUT_MS);
  if (type === 'MOCK') {
    const template = Object.values(fields.textMap('RequestTemplates') ?? {})[0] ?? '{"statusCode":200}';
    const statusCode = /"?statusCode"?\s*:\s*"?(\d{3})/.exec(template)?.[1] ?? '200';
    return { type, statusCode, responses: readMockResponses(fields) };
  }
  const uri = fields.requiredText('Uri');
  const functionArn = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (type === undefined || functionArn === undefined)
    throw fields.refuse('Uri', `must name a Lambda function, got ${uri}`);
  const timeoutMs = fields.integer('TimeoutInMillis', { min: 50, max: DEFAULT_TIMEOUT_MS }) ?? DEFAULT_TIMEOUT_MS;
  return { type, functionArn, timeoutMs };
};

const readAuthorization = (fields: Fields): Pick<MethodRecord, 'authorization' | 'authorizerId'> => {
  const authorization = fields.choice('AuthorizationType', ['NONE', 'AWS_IAM', 'CUSTOM']) ?? 'NONE';
  const authorizerId = fields.text('AuthorizerId');
  if ((authorization === 'CUSTOM') !== (authorizerId !== undefined)) {
    throw fields.refuse('AuthorizerId', 'goes with AuthorizationType CUSTOM, and only with it');
  }
  return authorizerId === undefined ? { authorization } : { authorization, authorizerId };
};

const method = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const record = readProperties(context, (fields): MethodRecord => {
        fields.accept('MethodResponses', 'OperationName');
        const validator = fields.text('RequestValidatorId');
        const validates = validator !== undefined && store.validators.get(validator)?.validatesParameters === true;
        const parameters = (fields.raw('RequestParameters') ?? {}) as Readonly<Record<string, unknown>>;
        const integration = fields.object('Integration', readIntegration);
        if (integration === undefined) throw fields.refuse('Integration', 'is required');
        return {
          apiId: fields.requiredText('RestApiId'),
          resourceId: fields.requiredText('ResourceId'),
          httpMethod: fields.requiredText('HttpMethod'),
          ...readAuthorization(fields),
          apiKeyRequired: fields.flag('ApiKeyRequired') ?? false,
          requiredParameters: validates
            ? Object.keys(parameters).filter((name) => String(parameters[name]) === 'true')
            : [],
          integration,
        };
      });
      const physicalId = `${record.apiId}/${record.resourceId}/${record.httpMethod}`;
      store.methods.put(physicalId, record);
      return { physicalId, attributes: {} };
    },
    (physicalId) => store.methods.delete(physicalId),
  );

const deployment = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const id = stableId(context);
      const apiId = readProperties(context, (fields) => {
        fields.accept('Description');
        return fields.requiredText('RestApiId');
      });
      store.deployments.put(id, { id, apiId, routes: store.currentRoutes(apiId) });
      return { physicalId: id, attributes: { DeploymentId: id } };
    },
    (id) => store.deployments.delete(id),
  );

const readMethodSetting = (fields: Fields): MethodSetting => {
  fields.accept('LoggingLevel', 'DataTraceEnabled');
  if (fields.flag('CachingEnabled')) throw fields.refuse('CachingEnabled', 'is not supported by the embedded cloud');
  const rateLimit = fields.number('ThrottlingRateLimit');
  const burstLimit = fields.number('ThrottlingBurstLimit');
  return {
    httpMethod: fields.text('HttpMethod') ?? '*',
    // A path's slashes are escaped as in JSON pointers, except in the catch-all.
    resourcePath: (fields.text('ResourcePath') ?? '/*').replaceAll('~1', '/'),
    metricsEnabled: fields.flag('MetricsEnabled') ?? false,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(burstLimit === undefined ? {} : { burstLimit }),
  };
};

const logGroupOf = (destinationArn: string): string => {
  const logGroup = /:log-group:([^:]+)/.exec(destinationArn)?.[1];
  if (logGroup !== undefined) return logGroup;
  throw new AwsError('InvalidProperty', `access logs must go to a log group, got ${destinationArn}`);
};

const stage = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const record = readProperties(context, (fields): StageRecord => {
        fields.accept('TracingEnabled', 'Description', 'Tags');
        const accessLog = fields.object('AccessLogSetting', (one) => ({
          logGroup: logGroupOf(one.requiredText('DestinationArn')),
          format: one.requiredText('Format'),
        }));
        return {
          apiId: fields.requiredText('RestApiId'),
          name: fields.requiredText('StageName'),
          deploymentId: fields.requiredText('DeploymentId'),
          variables: fields.textMap('Variables') ?? {},
          methodSettings: fields.list('MethodSettings', readMethodSetting) ?? [],
          ...(accessLog === undefined ? {} : { accessLog }),
        };
      });
      store.stages.put(`${record.apiId}/${record.name}`, record);
      return { physicalId: record.name, attributes: {} };
    },
    (name, { properties }) => store.stages.delete(`${String(properties.RestApiId)}/${name}`),
  );

const requestValidator = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const id = stableId(context);
      readProperties(context, (fields) => {
        // Bodies have no models here, and without a model AWS validates nothing of them either.
        fields.accept('Name', 'RestApiId', 'ValidateRequestBody');
        store.validators.put(id, { validatesParameters: fields.flag('ValidateRequestParameters') ?? false });
      });
      return { physicalId: id, attributes: { RequestValidatorId: id } };
    },
    (id) => store.validators.delete(id),
  );

/** The literal headers of a gateway response; what is mapped from the request has no value here. */
const readHeaders = (fields: Fields): Readonly<Record<string, string>> | undefined => {
  const given = fields.textMap('ResponseParameters');
  if (given === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const header = /^gatewayresponse\.header\.(.+)$/.exec(name)?.[1];
      const literal = /^'(.*)'$/.exec(value)?.[1];
      if (header !== undefined && literal !== undefined) return [header.toLowerCase(), literal];
      throw fields.refuse('ResponseParameters', `must set headers to quoted texts here, got ${name}: ${value}`);
    }),
  );
};

const readForm = (fields: Fields): GatewayForm => {
  const [contentType, template] = Object.entries(fields.textMap('ResponseTemplates') ?? {})[0] ?? [];
  const statusCode = fields.integer('StatusCode', { min: 200, max: 599 });
  const headers = readHeaders(fields);
  return {
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(headers === undefined ? {} : { headers }),
    ...(contentType === undefined || template === undefined ? {} : { contentType, template }),
  };
};

/** The form of API Gateway's own refusals, for one type or for all 4xx or 5xx. */
const gatewayResponse = (store: ApiStore): ResourceProvider =>
  provider(
    async (context) => {
      const key = readProperties(context, (fields) => {
        const name = `${fields.requiredText('RestApiId')}/${fields.choice('ResponseType', RESPONSE_TYPES)}`;
        store.gatewayResponses.put(name, readForm(fields));
        return name;
      });
      return { physicalId: key, attributes: { Id: key } };
    },
    (key) => store.gatewayResponses.delete(key),
  );

/** The account's role for logs: nothing here needs it. */
const account = (): ResourceProvider =>
  provider(
    async (context) => {
      readProperties(context, (fields) => fields.accept('CloudWatchRoleArn'));
      return { physicalId: stableId(context), attributes: { Id: stableId(context) } };
    },
    () => undefined,
  );

export const apiGatewayResources = (
  context: ServiceContext,
  store: ApiStore,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::ApiGateway::RestApi': restApi(store),
  'AWS::ApiGateway::Resource': resource(store),
  'AWS::ApiGateway::Method': method(store),
  'AWS::ApiGateway::Deployment': deployment(store),
  'AWS::ApiGateway::Stage': stage(store),
  'AWS::ApiGateway::RequestValidator': requestValidator(store),
  'AWS::ApiGateway::GatewayResponse': gatewayResponse(store),
  'AWS::ApiGateway::Account': account(),
  'AWS::ApiGateway::Authorizer': authorizerResource(store),
  ...keyResources(context, store),
});
