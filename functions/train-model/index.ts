import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createStepCache } from '../../shared/adapters/s3/step-cache.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, ownCodePath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);

const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts,
  cache: createStepCache(artifacts),
  codeDigest: createHash('sha256').update(readFileSync(ownCodePath())).digest('hex'),
  readTable: readTrainingTable,
  // The longest that a Lambda function may run; starting and writing take the rest.
  limits: { memoryMb: Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE), seconds: 840 },
});
