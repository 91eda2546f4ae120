import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { createScalableTargets } from '../../shared/adapters/sigv4/scalable-targets.ts';
import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import type { RollBackDeps } from './handler.ts';

interface Places {
  readonly REGISTRY_TABLE: string;
  readonly LINEAGE_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly EVENT_BUS_NAME: string;
}

/** What is read and changed when a model is rolled back. */
export const openStores = (
  places: Places,
  env: Readonly<Record<string, string | undefined>>,
): Omit<RollBackDeps, 'stage' | 'definitions'> => {
  const clock = { nowMs: () => Date.now() };
  const audit = { table: places.AUDIT_TABLE, link: linkRecord };
  const tables = { registryTable: places.REGISTRY_TABLE, lineageTable: places.LINEAGE_TABLE, audit };
  const scaling = createScalableTargets(createSignedClient({ env, ...clock }));
  return {
    clock,
    registry: createModelRegistry({ client: createDynamoDbClient(), ...tables }),
    functions: withServices(createServingFunctions(createLambdaClient()), scaling),
    events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: places.EVENT_BUS_NAME }),
  };
};
