import type { DocumentTable, StateStore } from '../contracts.ts';
import type {
  DeployedRoute,
  DeploymentRecord,
  GatewayForm,
  MethodRecord,
  ResourceRecord,
  RestApiRecord,
  StageRecord,
} from './records.ts';

export interface ApiStore {
  readonly apis: DocumentTable<RestApiRecord>;
  readonly resources: DocumentTable<ResourceRecord>;
  readonly methods: DocumentTable<MethodRecord>;
  readonly deployments: DocumentTable<DeploymentRecord>;
  readonly stages: DocumentTable<StageRecord>;
  /** Request validators that check parameters, by id. */
  readonly validators: DocumentTable<{ readonly validatesParameters: boolean }>;
  /** Templates of API Gateway's own answers, by `<api>/DEFAULT_4XX` or `<api>/DEFAULT_5XX`. */
  readonly gatewayResponses: DocumentTable<GatewayForm>;
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
