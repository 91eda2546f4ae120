import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createScalableTargets } from '../../shared/adapters/sigv4/scalable-targets.ts';
import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'ARTIFACT_BUCKET']);
const signed = createSignedClient({ env: process.env, nowMs: () => Date.now() });

const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };

export const handler = createHandler({
  registry: createModelRegistry(tables),
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
  plans: createRoutingPlans({ ...tables, routing: PLAN_RECORDS }),
  functions: withServices(createServingFunctions(createLambdaClient()), createScalableTargets(signed)),
});
