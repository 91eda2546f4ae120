import { readFileSync } from 'node:fs';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['LINEAGE_TABLE', 'DATA_BUCKET', 'ARTIFACT_BUCKET']);
const client = createS3Client();

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  lineage: createLineageStore({ client: createDynamoDbClient(), lineageTable: env.LINEAGE_TABLE }),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  files: createVersionFiles(createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET })),
  clock: { nowMs: () => Date.now() },
});
