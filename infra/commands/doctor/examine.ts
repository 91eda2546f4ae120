import { LambdaClient } from '@aws-sdk/client-lambda';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import type { StageConfig } from '../../aws/config.ts';
import type { StageAccess } from '../open-stage.ts';
import {
  type AccountToCheck,
  checkBootstrap,
  checkConcurrency,
  checkCredentials,
  checkStacks,
  checkSubscription,
  checkTrainingQuota,
} from './account-checks.ts';
import { type Finding, fail, ok, unknown } from './finding.ts';
import { checkCdk, checkNativeLayer, checkNode } from './machine-checks.ts';
import { checkServing } from './serving-checks.ts';
import { createAwsCaller } from './signed-call.ts';

export interface Examination {
  readonly stage: StageConfig;
  readonly definitions: readonly ModelDefinition[];
  readonly access: StageAccess;
  /** The repository's root. */
  readonly root: string;
  readonly nodeVersion: string;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const checkRegion = ({ stage }: Examination, region: string): Finding => {
  if (stage.region === undefined || stage.region === region) return ok('region', region);
  return fail('region', `${region}, stage ${stage.name} is of ${stage.region}`, `set AWS_REGION=${stage.region}`);
};

/** Region and credentials as every client of the SDK finds them. */
const resolveCaller = async (access: StageAccess) => {
  const client = new LambdaClient({ ...access });
  try {
    const region = await client.config.region();
    const credentials = await client.config.credentials();
    return { region, credentials };
  } finally {
    client.destroy();
  }
};

/** A check that cannot be carried out says so; it neither passes nor ends the examination. */
const attempt = async (
  check: string,
  work: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> => {
  try {
    return [await work()].flat();
  } catch (error) {
    return [unknown(check, `not checked: ${messageOf(error)}`)];
  }
};

const gpuQuotas = (definitions: readonly ModelDefinition[]): readonly (readonly [string, boolean])[] => {
  const wanted = definitions.flatMap(({ trainer }) =>
    trainer.kind === 'sagemaker' ? [[trainer.instanceType, trainer.spot] as const] : [],
  );
  return [...new Map(wanted.map((pair) => [pair.join(), pair])).values()];
};

const examineAccount = async (examination: Examination): Promise<readonly Finding[]> => {
  const { stage, definitions, access } = examination;
  let caller: Awaited<ReturnType<typeof resolveCaller>>;
  try {
    caller = await resolveCaller(access);
  } catch (error) {
    const fix = 'set AWS_REGION, and AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
    return [fail('credentials', messageOf(error), fix)];
  }
  const account: AccountToCheck = {
    call: createAwsCaller({ ...caller, endpoint: access.endpoint }),
    stage,
    region: caller.region,
    isEmbedded: access.endpoint !== undefined,
  };
  const quotas = gpuQuotas(definitions).map(
    ([instanceType, spot]) => [`quota ${instanceType}`, () => checkTrainingQuota(account, instanceType, spot)] as const,
  );
  const checks: readonly (readonly [string, () => Promise<Finding | readonly Finding[]>])[] = [
    ['bootstrap', () => checkBootstrap(account)],
    ['Lambda concurrency', () => checkConcurrency(account)],
    ...quotas,
    ['stacks', () => checkStacks(account)],
    ['e-mail', () => checkSubscription(account)],
    ['live', () => checkServing(stage.name, access, definitions)],
  ];
  const reached = await attempt('credentials', () => checkCredentials(account));
  const [credentials] = reached;
  if (credentials?.status === 'unknown') {
    const fix = 'be online, or name another region or endpoint';
    return [fail('credentials', `nothing answers: ${credentials.detail.replace('not checked: ', '')}`, fix)];
  }
  const findings: Finding[] = [checkRegion(examination, caller.region), ...reached];
  for (const [name, work] of checks) findings.push(...(await attempt(name, work)));
  return findings;
};

/** Everything that a deployment of the stage depends on, looked at without changing anything. */
export const examine = async (examination: Examination): Promise<readonly Finding[]> => {
  const { root, stage, nodeVersion } = examination;
  return [
    checkNode(nodeVersion),
    checkCdk(root),
    checkNativeLayer(root, stage),
    ...(await examineAccount(examination)),
  ];
};
