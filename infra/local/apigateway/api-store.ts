import type { DocumentTable, StateStore } from '../contracts.ts';
import type {
  ApiKeyRecord,
  AuthorizerRecord,
  DeployedRoute,
  DeploymentRecord,
  GatewayForm,
  MethodRecord,
  ResourceRecord,
  RestApiRecord,
  StageRecord,
  UsagePlanRecord,
  UsageRecord,
} from './records.ts';

export interface ApiStore {
  readonly apis: DocumentTable<RestApiRecord>;
  readonly resources: DocumentTable<ResourceRecord>;
  readonly methods: DocumentTable<MethodRecord>;
  readonly deployments: DocumentTable<DeploymentRecord>;
  readonly stages: DocumentTable<StageRecord>;
  /** Request validators that check parameters, by id. */
  readonly validators: DocumentTable<{ readonly validatesParameters: boolean }>;
  /** Forms of API Gateway's own answers, by `<api>/<response type>`. */
  readonly gatewayResponses: DocumentTable<GatewayForm>;
  readonly authorizers: DocumentTable<AuthorizerRecord>;
  readonly apiKeys: DocumentTable<ApiKeyRecord>;
  readonly usagePlans: DocumentTable<UsagePlanRecord>;
  /** By `<plan>/<key>`. */
  readonly usage: DocumentTable<UsageRecord>;
  /** Resources and methods of an API as they are now: what a deployment freezes. */
  currentRoutes(apiId: string): readonly DeployedRoute[];
}

export const createApiStore = (store: StateStore): ApiStore => {
  const apis = store.table<RestApiRecord>('apigateway-apis');
  const resources = store.table<ResourceRecord>('apigateway-resources');
  const methods = store.table<MethodRecord>('apigateway-methods');

  const pathOf = ({ apiId, parentId, pathPart }: ResourceRecord): string => {
    const parent = parentId === undefined ? undefined : resources.get(`${apiId}/${parentId}`);
    return parent === undefined ? pathPart : `${pathOf(parent)}/${pathPart}`;
  };

  return {
    apis,
    resources,
    methods,
    deployments: store.table('apigateway-deployments'),
    stages: store.table('apigateway-stages'),
    validators: store.table('apigateway-validators'),
    gatewayResponses: store.table('apigateway-responses'),
    authorizers: store.table('apigateway-authorizers'),
    apiKeys: store.table('apigateway-api-keys'),
    usagePlans: store.table('apigateway-usage-plans'),
    usage: store.table('apigateway-usage'),
    currentRoutes: (apiId) =>
      resources.entries(`${apiId}/`).map(([, resource]) => ({
        resourceId: resource.id,
        path: pathOf(resource) || '/',
        methods: Object.fromEntries(
          methods.entries(`${apiId}/${resource.id}/`).map(([, method]) => [method.httpMethod, method]),
        ),
      })),
  };
};
