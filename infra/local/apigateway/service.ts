import type { LocalService, ServiceContext } from '../contracts.ts';
import { API_PATH_PREFIX, type ApiHandler } from '../dispatcher.ts';
import type { Forward } from '../elbv2/forward.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { identityArn } from '../iam/identity-arn.ts';
import { createRestHandler } from '../protocols/rest.ts';
import { createApiStore } from './api-store.ts';
import { createGateway } from './gateway.ts';
import { apiGatewayResources } from './resources.ts';

export interface ApiGatewayService extends LocalService {
  /** Serves requests to the deployed APIs. */
  readonly handleApi: ApiHandler;
  /** API name → URL of its stage, without a slash at the end. */
  urls(): Readonly<Record<string, string>>;
}

/**
 * REST APIs as the template has them. The control API is not served: the template owns what it would change.
 * @param machineNowMs fills throttles as well, see `ThrottleOptions`
 * @param forward sends a request to a load balancer
 */
export const createApiGatewayService =
  (credentials: CredentialStore, machineNowMs?: () => number, forward?: Forward) =>
  (context: ServiceContext): ApiGatewayService => {
    const store = createApiStore(context.store);
    return {
      signingName: 'apigateway',
      handle: createRestHandler({ routes: {} }),
      resources: apiGatewayResources(context, store),
      handleApi: createGateway({
        context,
        store,
        machineNowMs,
        forward,
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
