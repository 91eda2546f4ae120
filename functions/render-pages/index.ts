import { readFileSync } from 'node:fs';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createNotificationStore } from '../../shared/adapters/dynamodb/notifications.ts';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE', 'REGISTRY_TABLE', 'LINEAGE_TABLE', 'DATA_BUCKET', 'ARTIFACT_BUCKET']);
const client = createS3Client();
const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };

export const handler = createHandler({
  stage: env.STAGE,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry(tables),
  rolloutEvidence: createRolloutEvidence(tables),
  notifications: createNotificationStore(tables),
  lineage: createLineageStore({ client: tables.client, lineageTable: env.LINEAGE_TABLE }),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  artifacts: createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET }),
});
