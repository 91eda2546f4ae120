import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { inferenceEndpointName } from '../../shared/contracts/names.ts';
import { isRollBack, type ServingState } from '../../shared/core/deployment/index.ts';
import { isSettledOn, planAt, type RoutingPlan } from '../../shared/core/routing/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Executions } from '../../shared/ports/executions.ts';
import type { ModelRegistry, ServingSnapshot } from '../../shared/ports/model-registry.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

export interface EndpointState {
  readonly functionName: string;
  /** The alias as it was read: a repair is refused when it moved since. */
  readonly aliasRevisionId: string;
  /** The plan's, where one divides the requests. */
  readonly planRevision?: number;
  readonly state: ServingState;
}

export type ReadServingState = (model: string) => Promise<EndpointState>;

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly executions: Executions;
  readonly plans: Pick<RoutingPlans, 'get'>;
  readonly clock: Clock;
}

/** Versions and rollouts looked through for one that was approved and never rolled out. */
const RECENT = 20;

/** Looked for only where a version newer than the one in service is registered. */
const newestApprovedOf = async (
  registry: ModelRegistry,
  model: string,
  { latestVersion, deployment }: ServingSnapshot,
): Promise<ServingState['newestApproved']> => {
  const newer = latestVersion - (deployment?.version ?? 0);
  if (newer <= 0) return undefined;
  const versions = await registry.listVersions(model, Math.min(RECENT, newer));
  const approved = versions.items.find(({ status, lifecycle }) => status === 'APPROVED' && lifecycle === undefined);
  if (approved === undefined) return undefined;
  const rollouts = await registry.listRollouts(model, RECENT);
  const rolloutBegun = rollouts.items.some(({ kind, version }) => kind === 'model' && version === approved.version);
  return { version: approved.version, rolloutBegun };
};

/** A roll-back to an earlier version takes seconds: one that has not ended by then was cut off. */
const ROLL_BACK_MS = MINUTE_MS;

/**
 * An execution that is over has died only if its rollout still runs: one that ended both is left to the next round. A
 * roll-back has no execution, and its time.
 */
const isCutOff = async (
  { registry, clock }: Pick<Deps, 'registry' | 'clock'>,
  model: string,
  rolloutId: string,
): Promise<boolean> => {
  const rollout = await registry.getRollout(model, rolloutId);
  if (rollout?.status !== 'RUNNING') return false;
  return !isRollBack(rollout) || clock.nowMs() - rollout.startedAtMs > ROLL_BACK_MS;
};

const dividesExactly = ({ deployment }: ModelDefinition): boolean =>
  deployment.target === 'lambda' && deployment.router === 'exact';

/** An experiment whose time is over leaves a plan to be settled. */
const routingOf = (plan: RoutingPlan, nowMs: number): NonNullable<ServingState['routing']> => {
  const { experiment } = planAt(plan, nowMs);
  if (experiment?.kind === 'a/b') return { experimentId: experiment.experimentId };
  return isSettledOn(plan, plan.champion) ? { settledOn: plan.champion } : {};
};

export const createReadServingState =
  ({ stage, definitions, registry, functions, executions, plans, clock }: Deps): ReadServingState =>
  async (model) => {
    const definition = definitionOf(definitions, model);
    const functionName = inferenceEndpointName(stage, definition);
    const [alias, latest] = await Promise.all([functions.getLiveAlias(functionName), functions.describe(functionName)]);
    // After the alias: whoever moved it holds the lease still, or is promoted by now, and is not taken for astray.
    const snapshot = await registry.getServingSnapshot(model);
    const plan = dividesExactly(definition) ? await plans.get(model) : undefined;
    const { deployment, runningRolloutId: rolloutId } = snapshot;
    const newestApproved = await newestApprovedOf(registry, model, snapshot);
    // The oldest version waits for a first model.
    const restingLambdaVersion = deployment?.lambdaVersion ?? (await functions.listVersions(functionName))[0];
    assert(restingLambdaVersion !== undefined, `${functionName} has no published version`);
    const rollout = rolloutId !== undefined && {
      rolloutId,
      executionRuns:
        (await executions.isRunning(rolloutId)) || !(await isCutOff({ registry, clock }, model, rolloutId)),
    };
    return {
      functionName,
      aliasRevisionId: alias.revisionId,
      ...(plan ? { planRevision: plan.revision } : {}),
      state: {
        alias,
        restingLambdaVersion,
        deployedCodeSha256: latest.codeSha256,
        ...(deployment ? { deployment } : {}),
        ...(rollout ? { rollout } : {}),
        ...(newestApproved ? { newestApproved } : {}),
        ...(plan ? { routing: routingOf(plan, clock.nowMs()) } : {}),
      },
    };
  };
