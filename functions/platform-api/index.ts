import { readFileSync } from 'node:fs';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openStores } from './open-stores.ts';

const places = readEnv([
  'STAGE',
  'ARTIFACT_BUCKET',
  'DATA_BUCKET',
  'REGISTRY_TABLE',
  'AUDIT_TABLE',
  'LINEAGE_TABLE',
  'ONLINE_TABLE',
  'BATCH_SCORING_ARN',
]);
const { EVENT_BUS_NAME: eventBusName } = readEnv(['EVENT_BUS_NAME']);

export const handler = createHandler({
  ...openStores(places, process.env),
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName }),
  clock: { nowMs: () => Date.now() },
});
