import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';
import { artifactSpace } from '../../shared/core/artifacts/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE']);
const bucket = env.ARTIFACT_BUCKET;

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts: createArtifactStore({ client: createS3Client(), bucket }),
  registry: createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE }),
  space: artifactSpace({ workspace: DEFAULT_WORKSPACE, bucket }),
  runtime: createModelRuntime(),
});
