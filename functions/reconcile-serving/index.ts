import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { createStatesClient } from '../../shared/adapters/states/execution-starter.ts';
import { createExecutions } from '../../shared/adapters/states/executions.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { createHandler } from './handler.ts';
import { createReadServingState } from './read-serving-state.ts';
import { createRepair } from './repair.ts';

const env = readEnv(['STAGE', 'REGISTRY_TABLE', 'AUDIT_TABLE', 'ROLLOUT_STATE_MACHINE_ARN']);
const audit = { table: env.AUDIT_TABLE, link: linkRecord };
const registry = createModelRegistry({ client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE, audit });
const functions = withServices(createServingFunctions(createLambdaClient()));
const executions = createExecutions(createStatesClient(), env.ROLLOUT_STATE_MACHINE_ARN);
const definitions = parseDefinitions(readFileSync(definitionsPath(), 'utf8'));
export const handler = createHandler({
  definitions,
  readServingState: createReadServingState({ stage: env.STAGE, definitions, registry, functions, executions }),
  repair: createRepair({ registry, functions, executions, clock: { nowMs: () => Date.now() } }),
});
