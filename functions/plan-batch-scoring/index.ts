import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createObjectRanges } from '../../shared/adapters/s3/object-ranges.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'DATA_BUCKET']);
const client = createS3Client();

export const handler = createHandler({
  artifacts: createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET }),
  ranges: createObjectRanges({ client, bucket: env.DATA_BUCKET }),
  openEngine: (spillFolder) => openDuckDb({ spillFolder, memoryLimitMb: 512 }),
});
