import { GetAliasCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';
import { isPlatformError } from '../../../shared/kernel/errors.ts';
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

const readLive = async (lambda: LambdaClient, stage: string, model: string): Promise<Live> => {
  const alias = await lambda.send(
    new GetAliasCommand({ FunctionName: inferenceFunctionName(stage, model), Name: LIVE_ALIAS }),
  );
  const weights = alias.RoutingConfig?.AdditionalVersionWeights ?? {};
  return { lambdaVersion: alias.FunctionVersion ?? '?', weighted: Object.keys(weights).length > 0 };
};

const checkModel = async (lambda: LambdaClient, stage: OpenStage, model: string): Promise<Finding> => {
  try {
    const live = await readLive(lambda, stage.name, model);
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
  models: readonly string[],
): Promise<readonly Finding[]> => {
  const lambda = new LambdaClient({ ...access });
  let stage: OpenStage | undefined;
  try {
    stage = await openStage(stageName, access);
    const findings: Finding[] = [];
    for (const model of models) findings.push(await checkModel(lambda, stage, model));
    return findings;
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    return [unknown('live', `not checked: ${error.message}`)];
  } finally {
    stage?.close();
    lambda.destroy();
  }
};
