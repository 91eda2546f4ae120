import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { createScalableTargets } from '../../shared/adapters/sigv4/scalable-targets.ts';
import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { createStatesClient } from '../../shared/adapters/states/execution-starter.ts';
import { createExecutions } from '../../shared/adapters/states/executions.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';

interface Places {
  readonly REGISTRY_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly ROLLOUT_STATE_MACHINE_ARN: string;
}

/** What the reconciler reads and repairs. */
export const openStores = (places: Places, env: Readonly<Record<string, string | undefined>>) => {
  const clock = { nowMs: () => Date.now() };
  const audit = { table: places.AUDIT_TABLE, link: linkRecord };
  const tables = { client: createDynamoDbClient(), registryTable: places.REGISTRY_TABLE, audit };
  const scaling = createScalableTargets(createSignedClient({ env, ...clock }));
  return {
    clock,
    registry: createModelRegistry(tables),
    plans: createRoutingPlans({ ...tables, routing: PLAN_RECORDS }),
    functions: withServices(createServingFunctions(createLambdaClient()), scaling),
    executions: createExecutions(createStatesClient(), places.ROLLOUT_STATE_MACHINE_ARN),
  };
};
