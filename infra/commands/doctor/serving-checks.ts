import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createServingServices } from '../../../shared/adapters/ecs/serving-services.ts';
import { createServingFunctions } from '../../../shared/adapters/lambda/serving-functions.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { inferenceEndpointName } from '../../../shared/contracts/names.ts';
import { isPlatformError } from '../../../shared/kernel/errors.ts';
import type { ServingFunctions } from '../../../shared/ports/serving-functions.ts';
import { type OpenStage, openStage, type StageAccess } from '../open-stage.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

/** Whether every endpoint serves what the registry says. */

const RECONCILER = 'the reconciler repairs it within 15 minutes; if it stays, see infra/RUNBOOK.md';

interface Live {
  readonly lambdaVersion: string;
  readonly weighted: boolean;
}

/** What is served and what should be. */
export const compareServing = (
  model: string,
  live: Live,
  registry: { readonly deployedLambdaVersion?: string | undefined; readonly runningRolloutId?: string | undefined },
): Finding => {
  const check = `live ${model}`;
  const { deployedLambdaVersion, runningRolloutId } = registry;
  if (runningRolloutId !== undefined) return ok(check, `rollout ${runningRolloutId} is under way`);
  if (live.weighted) return fail(check, 'two versions share the traffic and no rollout is under way', RECONCILER);
  if (deployedLambdaVersion === undefined) return warn(check, 'no model is in service', 'train and approve a version');
  if (deployedLambdaVersion === live.lambdaVersion) return ok(check, `Lambda version ${live.lambdaVersion}`);
  return fail(
    check,
    `Lambda version ${live.lambdaVersion} serves, the registry says ${deployedLambdaVersion}`,
    RECONCILER,
  );
};

/** By target of the deployment. */
type Endpoints = Readonly<Record<ModelDefinition['deployment']['target'], Pick<ServingFunctions, 'getLiveAlias'>>>;

const checkModel = async (endpoints: Endpoints, stage: OpenStage, definition: ModelDefinition): Promise<Finding> => {
  const { name: model, deployment: served } = definition;
  try {
    const alias = await endpoints[served.target].getLiveAlias(inferenceEndpointName(stage.name, definition));
    const live = { lambdaVersion: alias.lambdaVersion, weighted: Object.keys(alias.weights).length > 0 };
    // After the alias: whoever moved it holds the lease still, or is promoted by now.
    const { deployment, runningRolloutId } = await stage.registry.getServingSnapshot(model);
    return compareServing(model, live, { deployedLambdaVersion: deployment?.lambdaVersion, runningRolloutId });
  } catch (error) {
    return unknown(`live ${model}`, `not checked: ${error instanceof Error ? error.message : String(error)}`);
  }
};

export const checkServing = async (
  stageName: string,
  access: StageAccess,
  definitions: readonly ModelDefinition[],
): Promise<readonly Finding[]> => {
  const lambda = new LambdaClient({ ...access });
  const services = { ecs: new ECSClient({ ...access }), elb: new ElasticLoadBalancingV2Client({ ...access }) };
  const endpoints = { lambda: createServingFunctions(lambda), ecs: createServingServices(services) };
  let stage: OpenStage | undefined;
  try {
    stage = await openStage(stageName, access);
    const findings: Finding[] = [];
    for (const definition of definitions) findings.push(await checkModel(endpoints, stage, definition));
    return findings;
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    return [unknown('live', `not checked: ${error.message}`)];
  } finally {
    stage?.close();
    for (const client of [lambda, services.ecs, services.elb]) client.destroy();
  }
};
