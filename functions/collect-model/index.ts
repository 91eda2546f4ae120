import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET']);

export const handler = createHandler({
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
});
