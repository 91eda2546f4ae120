import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'AUDIT_TABLE', 'LINEAGE_TABLE', 'EVENT_BUS_NAME']);

const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };
const audit = { table: env.AUDIT_TABLE, link: linkRecord };

export const handler = createHandler({
  registry: createModelRegistry({ ...tables, lineageTable: env.LINEAGE_TABLE, audit }),
  plans: createRoutingPlans({ ...tables, audit, routing: PLAN_RECORDS }),
  functions: withServices(createServingFunctions(createLambdaClient())),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock: { nowMs: () => Date.now() },
});
