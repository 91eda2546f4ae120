import { readFileSync } from 'node:fs';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE', 'DATA_BUCKET', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
/** DuckDB takes more than its limit at times, and spills to /tmp beyond it; Node and its buffers need the rest. */
const memoryLimitMb = Math.floor(Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) * 0.35);

export const handler = createHandler({
  stage: env.STAGE,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  openEngine: (spillFolder) => openDuckDb({ memoryLimitMb, spillFolder }),
  clock: { nowMs: () => Date.now() },
});
