import { readFileSync } from 'node:fs';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET']);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
  runtime: createModelRuntime(),
});
