import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { Route } from '../../shared/http/index.ts';
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

/** Everything that the platform API answers. */
export const platformRoutes = (deps: PlatformDeps): readonly Route[] => [
  ...modelRoutes(deps),
  lineageRoute(deps),
  ...writeRoutes(deps),
];
