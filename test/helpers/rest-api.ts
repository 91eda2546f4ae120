import { createApiGatewayService } from '../../infra/local/apigateway/service.ts';
import type { CreateService, InvokeRequest, InvokeResult } from '../../infra/local/contracts.ts';
import type { Forward } from '../../infra/local/elbv2/forward.ts';
import { createCredentialStore } from '../../infra/local/iam/credentials.ts';
import type { Filter } from '../../infra/local/wafv2/service.ts';
import { type StartedService, startLocalService } from './local-service.ts';

export const PROXIED_FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:infer:live';
export const functionUri = (arn: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

/** What a function answers to an event, which holds `functionName` besides; an Error is a failed function. */
export type Answer = (event: Record<string, unknown>) => unknown | Promise<unknown>;

export interface RestApiShape {
  readonly methods?: readonly (readonly [path: string, httpMethod: string, authorization?: string])[];
  readonly stage?: Readonly<Record<string, unknown>>;
  readonly api?: Readonly<Record<string, unknown>>;
  readonly method?: Readonly<Record<string, unknown>>;
  /** What load balancers answer. */
  readonly forward?: Forward;
  /** What a web application firewall says. */
  readonly filter?: Filter;
  /** Provisions what the methods refer to, before them. @returns properties of every method */
  readonly before?: (api: { readonly apiId: string; readonly provision: Provision }) => Promise<object>;
}

type Provision = (type: string, logicalId: string, properties: Readonly<Record<string, unknown>>) => Promise<string>;

export interface RestApi extends StartedService {
  readonly baseUrl: string;
  readonly apiId: string;
  /** @returns the physical id */
  readonly provision: Provision;
}

const serviceWith =
  (forward: Forward | undefined, filter: Filter | undefined): CreateService =>
  (context) =>
    createApiGatewayService(createCredentialStore(context.store, context), undefined, forward, filter)(context);

const invoker =
  (answer: Answer) =>
  async ({ payload, functionName }: InvokeRequest): Promise<InvokeResult> => {
    const result = await answer({ functionName, ...JSON.parse(payload) });
    const answered = { statusCode: 200, executedVersion: '1' };
    if (!(result instanceof Error)) return { ...answered, payload: JSON.stringify(result) ?? 'null' };
    const failure = { errorType: 'Error', errorMessage: result.message };
    return { ...answered, functionError: 'Unhandled', payload: JSON.stringify(failure) };
  };

/** A deployed REST API all of whose methods go to one function. */
export const startRestApi = async (answer: Answer, shape: RestApiShape = {}): Promise<RestApi> => {
  const { methods = [['/{proxy+}', 'ANY']], stage = {}, api = {}, method = {}, before, forward, filter } = shape;
  const local = await startLocalService(serviceWith(forward, filter), { ports: { invokeFunction: invoker(answer) } });
  const provision: Provision = async (type, logicalId, properties) => {
    const provider = local.services[0]?.resources[`AWS::ApiGateway::${type}`];
    const context = { stackName: 'S', logicalId, properties, generatedName: `S-${logicalId}-X` };
    return (await provider?.create(context))?.physicalId ?? '';
  };
  const apiId = await provision('RestApi', 'Api', { Name: 'predict', ...api });
  const record = local.store.table<{ readonly rootResourceId: string }>('apigateway-apis').get(apiId);
  const resourceIds = new Map([['', record?.rootResourceId]]);
  const more = await before?.({ apiId, provision });
  for (const [path, httpMethod, AuthorizationType = 'NONE'] of methods) {
    let at = '';
    for (const PathPart of path.split('/').filter(Boolean)) {
      const ParentId = resourceIds.get(at);
      at += `/${PathPart}`;
      if (resourceIds.has(at)) continue;
      resourceIds.set(at, await provision('Resource', `Resource${at}`, { RestApiId: apiId, ParentId, PathPart }));
    }
    await provision('Method', `Method${at}${httpMethod}`, {
      RestApiId: apiId,
      ResourceId: resourceIds.get(at),
      HttpMethod: httpMethod,
      AuthorizationType,
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: functionUri(PROXIED_FUNCTION_ARN) },
      ...method,
      ...more,
    });
  }
  const DeploymentId = await provision('Deployment', 'Deployment', { RestApiId: apiId });
  await provision('Stage', 'Stage', { RestApiId: apiId, DeploymentId, StageName: 'v1', ...stage });
  return { ...local, apiId, provision, baseUrl: `${local.endpoint}/_apis/${apiId}/v1` };
};
