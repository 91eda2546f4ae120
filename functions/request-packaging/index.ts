import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createExecutionStarter, createStatesClient } from '../../shared/adapters/states/execution-starter.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'STATE_MACHINE_ARN']);

export const handler = createHandler({
  stateMachineArn: env.STATE_MACHINE_ARN,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE }),
  executions: createExecutionStarter(createStatesClient()),
});
