import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { BuildInfoSchema } from '../../shared/contracts/bill-of-materials.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { buildInfoPath, definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE']);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
  registry: createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE }),
  build: parseJsonFile(BuildInfoSchema, readFileSync(buildInfoPath()), 'build-info.json'),
  runtime: { node: process.version, architecture: process.arch },
});
