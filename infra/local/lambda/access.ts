import { type AccessControl, AwsError, type Caller, type ServicePrincipal } from '../contracts.ts';
import { type AccessRules, type Input, type Need, type RestInput, requireAll, textOf } from '../iam/guard.ts';
import { requireTrust } from '../iam/require-trust.ts';
import { parseFunctionReference } from './function-store.ts';
import type { LambdaState } from './lambda-state.ts';
import { functionPolicy } from './permissions.ts';

/** What a request needs of a function, whose own policy may give it too. */
const functionNeed = (state: LambdaState, action: string, name: string, qualifier: string | undefined): Need => {
  const policy = functionPolicy(state, name);
  return {
    action: `lambda:${action}`,
    resource: state.store.functionArn(name, qualifier),
    ...(policy === undefined ? {} : { resourcePolicy: policy }),
  };
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const lambdaAccess = (state: LambdaState): AccessRules<RestInput> => {
  const { partition, region, accountId } = state.context;
  const on =
    (action: string) =>
    ({ call }: RestInput): readonly Need[] => {
      const { name, qualifier } = parseFunctionReference(call.path.name ?? '', call.query.get('Qualifier'));
      return [functionNeed(state, action, name, qualifier)];
    };
  const onTagged =
    (action: string) =>
    ({ call }: RestInput): readonly Need[] => [{ action: `lambda:${action}`, resource: call.path.arn ?? '*' }];
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `lambda:${action}`, resource: '*' }];
  const onMapping =
    (action: string) =>
    ({ call }: RestInput): readonly Need[] => [
      {
        action: `lambda:${action}`,
        resource: `arn:${partition}:lambda:${region}:${accountId}:event-source-mapping:${Object.values(call.path)[0] ?? '*'}`,
      },
    ];
  const functions = '/2015-03-31/functions';
  const mappings = '/2015-03-31/event-source-mappings';
  return {
    [`GET ${functions}`]: everywhere('ListFunctions'),
    'GET /2016-08-19/account-settings': everywhere('GetAccountSettings'),
    [`POST ${functions}`]: ({ body }) => [
      functionNeed(state, 'CreateFunction', textOf(body, 'FunctionName'), undefined),
      ...passRole(body),
    ],
    [`PUT ${functions}/{name}/code`]: on('UpdateFunctionCode'),
    'GET /2017-03-31/tags/{arn}': onTagged('ListTags'),
    'POST /2017-03-31/tags/{arn}': onTagged('TagResource'),
    'DELETE /2017-03-31/tags/{arn}': onTagged('UntagResource'),
    [`GET ${functions}/{name}`]: on('GetFunction'),
    [`GET ${functions}/{name}/configuration`]: on('GetFunctionConfiguration'),
    [`PUT ${functions}/{name}/configuration`]: (input) => [
      ...on('UpdateFunctionConfiguration')(input),
      ...passRole(input.body),
    ],
    [`DELETE ${functions}/{name}`]: on('DeleteFunction'),
    [`GET ${functions}/{name}/versions`]: on('ListVersionsByFunction'),
    [`POST ${functions}/{name}/versions`]: on('PublishVersion'),
    [`GET ${functions}/{name}/aliases`]: on('ListAliases'),
    [`POST ${functions}/{name}/aliases`]: on('CreateAlias'),
    [`GET ${functions}/{name}/aliases/{alias}`]: on('GetAlias'),
    [`PUT ${functions}/{name}/aliases/{alias}`]: on('UpdateAlias'),
    [`DELETE ${functions}/{name}/aliases/{alias}`]: on('DeleteAlias'),
    [`POST ${functions}/{name}/invocations`]: on('InvokeFunction'),
    'PUT /2019-09-25/functions/{name}/event-invoke-config': on('PutFunctionEventInvokeConfig'),
    'POST /2019-09-25/functions/{name}/event-invoke-config': on('UpdateFunctionEventInvokeConfig'),
    'GET /2019-09-25/functions/{name}/event-invoke-config': on('GetFunctionEventInvokeConfig'),
    'DELETE /2019-09-25/functions/{name}/event-invoke-config': on('DeleteFunctionEventInvokeConfig'),
    'PUT /2017-10-31/functions/{name}/concurrency': on('PutFunctionConcurrency'),
    'GET /2019-09-30/functions/{name}/concurrency': on('GetFunctionConcurrency'),
    'DELETE /2017-10-31/functions/{name}/concurrency': on('DeleteFunctionConcurrency'),
    [`GET ${functions}/{name}/policy`]: on('GetPolicy'),
    [`POST ${functions}/{name}/policy`]: on('AddPermission'),
    [`DELETE ${functions}/{name}/policy/{sid}`]: on('RemovePermission'),
    [`GET ${mappings}`]: everywhere('ListEventSourceMappings'),
    [`POST ${mappings}`]: everywhere('CreateEventSourceMapping'),
    [`GET ${mappings}/{uuid}`]: onMapping('GetEventSourceMapping'),
    [`PUT ${mappings}/{uuid}`]: onMapping('UpdateEventSourceMapping'),
    [`DELETE ${mappings}/{uuid}`]: onMapping('DeleteEventSourceMapping'),
  };
};

const passRole = (body: Input): readonly Need[] => {
  const roleArn = textOf(body, 'Role');
  if (roleArn === '') return [];
  return [{ action: 'iam:PassRole', resource: roleArn, conditions: { 'iam:PassedToService': 'lambda.amazonaws.com' } }];
};

/** Asks whether a service or a role may invoke a function. @throws AwsError AccessDeniedException */
export const requireInvoke = (
  state: LambdaState,
  principal: Caller | ServicePrincipal,
  functionName: string,
  qualifier: string | undefined,
): void => {
  const reference = parseFunctionReference(functionName, qualifier);
  const need = functionNeed(state, 'InvokeFunction', reference.name, reference.qualifier);
  requireAll({ access: state.context.access, service: 'lambda' }, principal, [need]);
};

/** @throws AwsError InvalidParameterValueException for a role that does not trust Lambda */
export const requireExecutionRole = (access: AccessControl, roleArn: string): void => {
  const message = 'The role defined for the function cannot be assumed by Lambda.';
  const refusal = new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
  requireTrust(access, { arn: roleArn, service: 'lambda.amazonaws.com', refusal });
};
