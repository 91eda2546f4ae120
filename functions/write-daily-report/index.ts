import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createShadowDays } from '../../shared/adapters/dynamodb/shadow-days.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'DATA_BUCKET', 'ARTIFACT_BUCKET', 'EVENT_BUS_NAME']);
const client = createS3Client();
const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };
const artifacts = createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET });

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry(tables),
  shadowDays: createShadowDays(tables),
  artifacts,
  files: createVersionFiles(artifacts),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
});
