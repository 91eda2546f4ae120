import { readFileSync } from 'node:fs';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'DATA_BUCKET', 'LINEAGE_TABLE']);
const client = createS3Client();

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  artifacts: createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET }),
  lineage: createLineageStore({ client: createDynamoDbClient(), lineageTable: env.LINEAGE_TABLE }),
  clock: { nowMs: () => Date.now() },
});
