import type { Roster, RoutingPlan } from '../../core/routing/index.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { PlanChange, RoutingPlans } from '../../ports/routing-plans.ts';

/** Plans in memory, for tests, with every change in order. @param digestOf names a roster. */
export const createMemoryRoutingPlans = (
  digestOf: (roster: Roster) => string,
): RoutingPlans & { readonly changes: readonly (PlanChange & { readonly plan: RoutingPlan })[] } => {
  const plans = new Map<string, RoutingPlan>();
  const rosters = new Map<string, Roster>();
  const changes: (PlanChange & { readonly plan: RoutingPlan })[] = [];
  return {
    changes,
    get: async (model) => plans.get(model),
    change: async (change, decide) => {
      for (;;) {
        const standing = plans.get(change.model);
        const draft = await decide(standing);
        // Another came first while it was decided.
        if (plans.get(change.model) !== standing) continue;
        if (draft === undefined) return standing;
        const plan = { ...draft, revision: (standing?.revision ?? 0) + 1 };
        plans.set(change.model, plan);
        changes.push({ ...change, plan });
        return plan;
      }
    },
    keepRoster: async (roster) => {
      const digest = digestOf(roster);
      rosters.set(`${roster.model} ${digest}`, roster);
      return digest;
    },
    getRoster: async (model, digest) => {
      const roster = rosters.get(`${model} ${digest}`);
      if (roster === undefined) throw new NotFoundError(`roster ${digest} of ${model} does not exist`);
      return roster;
    },
  };
};
