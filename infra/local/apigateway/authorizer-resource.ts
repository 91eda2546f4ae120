import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import type { ApiStore } from './api-store.ts';
import type { AuthorizerRecord } from './records.ts';
import { stableId } from './stable-id.ts';

const LONGEST_CACHE_SECONDS = 3_600;
const DEFAULT_CACHE_SECONDS = 300;

const readType = (fields: Fields): AuthorizerRecord['type'] => {
  const type = fields.choice('Type', ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS']);
  if (type === undefined) throw fields.refuse('Type', 'is required');
  if (type === 'COGNITO_USER_POOLS') throw fields.refuse('Type', 'COGNITO_USER_POOLS is not supported here');
  return type;
};

const readFunctionArn = (fields: Fields): string => {
  const uri = fields.requiredText('AuthorizerUri');
  const functionArn = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (functionArn === undefined) throw fields.refuse('AuthorizerUri', `must name a Lambda function, got ${uri}`);
  return functionArn;
};

const readAuthorizer = (fields: Fields, id: string): AuthorizerRecord => {
  fields.accept('AuthType');
  const type = readType(fields);
  const source = fields.text('IdentitySource') ?? (type === 'TOKEN' ? 'method.request.header.Authorization' : '');
  const identityPattern = fields.text('IdentityValidationExpression');
  const cacheSeconds =
    fields.integer('AuthorizerResultTtlInSeconds', { min: 0, max: LONGEST_CACHE_SECONDS }) ?? DEFAULT_CACHE_SECONDS;
  if (type === 'REQUEST' && source === '' && cacheSeconds > 0) {
    throw fields.refuse('IdentitySource', 'is required of a REQUEST authorizer whose answers are cached');
  }
  return {
    id,
    apiId: fields.requiredText('RestApiId'),
    name: fields.requiredText('Name'),
    type,
    functionArn: readFunctionArn(fields),
    identitySources: source
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    cacheSeconds,
    ...(identityPattern === undefined ? {} : { identityPattern }),
  };
};

/** `AWS::ApiGateway::Authorizer`: a Lambda authorizer. Cognito's are refused by name: there are no user pools here. */
export const authorizerResource = (store: ApiStore): ResourceProvider => {
  const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
    const record = readProperties(resource, (fields) => readAuthorizer(fields, stableId(resource)));
    store.authorizers.put(record.id, record);
    return { physicalId: record.id, attributes: { AuthorizerId: record.id } };
  };
  return { create: put, update: put, delete: async ({ physicalId }) => store.authorizers.delete(physicalId) };
};
