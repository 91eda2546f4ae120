import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE', 'REGISTRY_TABLE', 'LINEAGE_TABLE', 'AUDIT_TABLE', 'EVENT_BUS_NAME']);
const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE, lineageTable: env.LINEAGE_TABLE };
export const handler = createHandler({
  stage: env.STAGE,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry({ ...tables, audit: { table: env.AUDIT_TABLE, link: linkRecord } }),
  plans: createRoutingPlans({ ...tables, routing: PLAN_RECORDS }),
  functions: withServices(createServingFunctions(createLambdaClient())),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock: { nowMs: () => Date.now() },
});
