import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore, ModelRegistry } from '../../shared/ports/model-registry.ts';
import { lineageRoute } from './lineage-route.ts';
import { modelRoutes } from './model-routes.ts';
import { writeRoutes } from './write-routes.ts';

export interface PlatformDeps {
  readonly definitions: Definitions;
  readonly registry: Pick<
    ModelRegistry,
    'getModel' | 'getVersion' | 'listVersions' | 'listRuns' | 'listRollouts' | 'getDeployment' | 'decideVersion'
  >;
  readonly lineage: LineageStore;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** No other name can be in the registry, and a longer one would exceed what a key of DynamoDB may have. */
const MODEL_NAME = /^[a-z0-9-]{1,64}$/;

const withModelName = ({ handle, ...route }: Route): Route => ({
  ...route,
  handle: async (request, parameters) => {
    const { model } = parameters;
    if (model !== undefined && !MODEL_NAME.test(model)) {
      throw new NotFoundError(`model ${showValue(model)} does not exist`);
    }
    return handle(request, parameters);
  },
});

/** Everything that the platform API answers. */
export const platformRoutes = (deps: PlatformDeps): readonly Route[] =>
  [...modelRoutes(deps), lineageRoute(deps), ...writeRoutes(deps)].map(withModelName);
