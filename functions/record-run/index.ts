import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'TRACKING_TABLE', 'ARTIFACT_BUCKET', 'EVENT_BUS_NAME']);
const client = createDynamoDbClient();
const clock = { nowMs: () => Date.now() };
const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });
const ofTracking = { table: env.TRACKING_TABLE, values: artifacts, workspace: DEFAULT_WORKSPACE };

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts,
  registry: createModelRegistry({ client, registryTable: env.REGISTRY_TABLE }),
  tracking: createTrackingStore({ ...ofTracking, client, clock }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock,
});
