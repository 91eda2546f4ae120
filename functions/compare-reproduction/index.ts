import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE']);

export const handler = createHandler({
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
  registry: createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE }),
});
