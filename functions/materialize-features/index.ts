import { readFileSync } from 'node:fs';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createOnlineStore } from '../../shared/adapters/dynamodb/online-store.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['DATA_BUCKET', 'ONLINE_TABLE', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
/** DuckDB takes more than its limit at times, and spills to /tmp beyond it; Node and its buffers need the rest. */
const memoryLimitMb = Math.floor(Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) * 0.35);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  store: createOnlineStore({ client: createDynamoDbClient(), table: env.ONLINE_TABLE }),
  openEngine: (spillFolder) => openDuckDb({ memoryLimitMb, spillFolder }),
  clock: { nowMs: () => Date.now() },
});
