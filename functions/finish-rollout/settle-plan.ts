import type { Rollout } from '../../shared/core/registry/index.ts';
import { settledPlan } from '../../shared/core/routing/index.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';

/** What was the canary is the champion of the plan; a plan that another has changed since is left as it is. */
export const settlePlan = async (
  plans: Pick<RoutingPlans, 'change'>,
  { model, version, rolloutId, routing }: Rollout,
  atMs: number,
): Promise<void> => {
  if (routing === undefined) return;
  const by = { model, principal: 'workflow:canary-rollout', atMs, reason: `rollout ${rolloutId} was promoted` };
  await plans.change(by, (standing) =>
    standing?.experiment?.kind === 'canary' && standing.experiment.rolloutId === rolloutId
      ? settledPlan(standing, { model, version, atMs })
      : undefined,
  );
};
