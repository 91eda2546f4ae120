import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE', 'REGISTRY_TABLE', 'DATA_BUCKET']);

export const handler = createHandler({
  stage: env.STAGE,
  plans: createRoutingPlans({
    client: createDynamoDbClient(),
    registryTable: env.REGISTRY_TABLE,
    routing: PLAN_RECORDS,
  }),
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  clock: { nowMs: () => Date.now() },
});
