import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createStepCache } from '../../shared/adapters/s3/step-cache.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, ownCodePath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'DATA_BUCKET', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
const client = createS3Client();
const artifacts = createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET });
/** DuckDB takes more than its limit at times, and spills to /tmp beyond it; Node and its buffers need the rest. */
const memoryLimitMb = Math.floor(Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) * 0.35);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  artifacts,
  cache: createStepCache(artifacts),
  codeDigest: createHash('sha256').update(readFileSync(ownCodePath())).digest('hex'),
  openEngine: (spillFolder) => openDuckDb({ memoryLimitMb, spillFolder }),
});
