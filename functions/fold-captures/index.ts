import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['DATA_BUCKET', 'ARTIFACT_BUCKET']);
const client = createS3Client();

export const handler = createHandler({
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  files: createVersionFiles(createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET })),
});
