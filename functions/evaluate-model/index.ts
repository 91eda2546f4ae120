import { readFileSync } from 'node:fs';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openScoring } from './open-scoring.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'LINEAGE_TABLE']);
const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });
const client = createDynamoDbClient();

export const handler = createHandler({
  ...openScoring(artifacts),
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts,
  registry: createModelRegistry({ client, registryTable: env.REGISTRY_TABLE }),
  lineage: createLineageStore({ client, lineageTable: env.LINEAGE_TABLE }),
  clock: { nowMs: () => Date.now() },
});
