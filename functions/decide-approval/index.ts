import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'EVENT_BUS_NAME']);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock: { nowMs: () => Date.now() },
});
