import { readFileSync } from 'node:fs';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createUsageStore } from '../../shared/adapters/dynamodb/usage-store.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['LINEAGE_TABLE', 'DATA_BUCKET']);

export const handler = createHandler({
  models: [...parseDefinitions(readFileSync(definitionsPath(), 'utf8')).keys()],
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  usage: createUsageStore({ client: createDynamoDbClient(), lineageTable: env.LINEAGE_TABLE }),
  clock: { nowMs: () => Date.now() },
});
