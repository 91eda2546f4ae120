import type { LocalService, ServiceContext } from '../contracts.ts';
import { API_PATH_PREFIX, type ApiHandler } from '../dispatcher.ts';
import type { Forward } from '../elbv2/forward.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { guardRoutes } from '../iam/guard.ts';
import { identityArn } from '../iam/identity-arn.ts';
import { createRestHandler } from '../protocols/rest.ts';
import type { Filter } from '../wafv2/service.ts';
import { createApiStore } from './api-store.ts';
import { createGateway } from './gateway.ts';
import { keyAccess, keyRoutes } from './key-routes.ts';
import { apiGatewayResources } from './resources.ts';

export interface ApiGatewayService extends LocalService {
  /** Serves requests to the deployed APIs. */
  readonly handleApi: ApiHandler;
  /** API name → URL of its stage, without a slash at the end. */
  urls(): Readonly<Record<string, string>>;
}

/**
 * REST APIs as the template has them. Of the control API keys alone are served: the template owns the rest.
 * @param machineNowMs fills throttles as well, see `ThrottleOptions`
 * @param forward sends a request to a load balancer
 * @param filter what a web application firewall says of a request
 */
export const createApiGatewayService =
  (credentials: CredentialStore, machineNowMs?: () => number, forward?: Forward, filter?: Filter) =>
  (context: ServiceContext): ApiGatewayService => {
    const store = createApiStore(context.store);
    return {
      signingName: 'apigateway',
      handle: createRestHandler({
        routes: guardRoutes({ access: context.access, service: 'apigateway' }, keyAccess(context), keyRoutes(store)),
      }),
      resources: apiGatewayResources(context, store),
      handleApi: createGateway({
        context,
        store,
        machineNowMs,
        forward,
        filter,
        userArn: ({ caller }) => identityArn(caller.arn, credentials.find(caller.accessKeyId)?.sessionName),
      }),
      urls: () =>
        Object.fromEntries(
          store.stages
            .entries()
            .map(([, { apiId, name }]) => [
              store.apis.get(apiId)?.name ?? apiId,
              `${context.endpoint()}${API_PATH_PREFIX}${apiId}/${name}`,
            ]),
        ),
    };
  };
