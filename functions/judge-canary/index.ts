import { readFileSync } from 'node:fs';
import { createCloudWatchClient, createServingMetrics } from '../../shared/adapters/cloudwatch/serving-metrics.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { serviceDimensions } from '../../shared/adapters/ecs/with-services.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'DATA_BUCKET']);
const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry(tables),
  metrics: createServingMetrics(createCloudWatchClient(), serviceDimensions),
  captures: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  evidence: createRolloutEvidence(tables),
  clock: { nowMs: () => Date.now() },
});
