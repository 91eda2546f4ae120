import { readFileSync } from 'node:fs';
import { createCloudWatchClient, createServingMetrics } from '../../shared/adapters/cloudwatch/serving-metrics.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { serviceDimensions } from '../../shared/adapters/ecs/with-services.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE']);

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry({
    client: createDynamoDbClient(),
    registryTable: env.REGISTRY_TABLE,
  }),
  metrics: createServingMetrics(createCloudWatchClient(), serviceDimensions),
  clock: { nowMs: () => Date.now() },
});
