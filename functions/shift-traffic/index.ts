import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE']);

export const handler = createHandler({
  registry: createModelRegistry({
    client: createDynamoDbClient(),
    registryTable: env.REGISTRY_TABLE,
  }),
  functions: withServices(createServingFunctions(createLambdaClient())),
  clock: { nowMs: () => Date.now() },
});
