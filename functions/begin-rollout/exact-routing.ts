import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { findEarlierRollout } from '../../shared/core/deployment/index.ts';
import type { Deployment, Rollout } from '../../shared/core/registry/index.ts';
import { planAt, type RoutingSettings } from '../../shared/core/routing/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

/** What tells whether a rollout must wait. */
export interface WaitDeps {
  readonly functions: Pick<ServingFunctions, 'describe'>;
  readonly plans: Pick<RoutingPlans, 'get'>;
  readonly clock: Clock;
}

interface Place {
  readonly model: string;
  readonly functionName: string;
  readonly serving: Deployment | undefined;
}

/** What the definition says of exact routing; undefined where the alias divides the traffic. */
export const routingOf = ({ deployment }: ModelDefinition): RoutingSettings | undefined => {
  if (deployment.target !== 'lambda' || deployment.router !== 'exact') return undefined;
  const { unit, cohorts } = deployment.routing ?? {};
  return { ...(unit === undefined ? {} : { unit }), ...(cohorts === undefined ? {} : { cohorts }) };
};

/**
 * Why a version must wait where a plan divides the requests: an experiment is not over, or the code that its function
 * would be published with does not serve yet, though all requests would go to it at once. The reconciler starts its
 * rollout afterwards.
 */
const obstacleOf = async (
  { plans, functions, clock }: WaitDeps,
  { model, functionName, serving }: Place,
): Promise<string | undefined> => {
  const [plan, latest] = await Promise.all([plans.get(model), functions.describe(functionName)]);
  const experiment = plan === undefined ? undefined : planAt(plan, clock.nowMs()).experiment;
  if (experiment?.kind === 'a/b')
    return `experiment ${experiment.experimentId} divides the traffic: it waits for its end`;
  return serving !== undefined && serving.codeSha256 !== latest.codeSha256
    ? 'the deployed code is not in service yet: it waits for the rollout of the code'
    : undefined;
};

/** Why a rollout is not begun: one of its version was, or it must wait; undefined when nothing stands in its way. */
export const whyNotNow = async (
  deps: WaitDeps,
  wanted: Pick<Rollout, 'kind' | 'version' | 'rolloutId' | 'asked'>,
  standing: Place & { readonly routing: RoutingSettings | undefined; readonly rollouts: readonly Rollout[] },
): Promise<string | undefined> => {
  const earlier = findEarlierRollout(standing.rollouts, wanted);
  if (earlier !== undefined) return `rollout ${earlier.rolloutId} is ${earlier.status}`;
  const isBegun = standing.rollouts.some(({ rolloutId }) => rolloutId === wanted.rolloutId);
  if (standing.routing === undefined || wanted.kind === 'code' || isBegun) return undefined;
  return obstacleOf(deps, standing);
};
