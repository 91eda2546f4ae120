import { parse } from '../../shared/contracts/parse.ts';
import { ShiftTrafficInput } from '../../shared/contracts/rollout-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { requireRunning } from './require-running.ts';
import { shiftAlias } from './shift-alias.ts';
import { createShiftPlan } from './shift-plan.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly plans: Pick<RoutingPlans, 'change'>;
  readonly clock: Clock;
}

/**
 * Sets the canary's traffic weight: 0 gives everything back to the version that served before, 1 gives everything to
 * the canary. The weight is recorded on the rollout before the alias moves; setting it again changes nothing.
 * An alias that somebody moved in between is a ConflictError, which the workflow tries again. Where a plan divides the
 * requests, see `createShiftPlan`.
 */
export const createHandler = (deps: Deps) => {
  const { registry, functions, clock } = deps;
  const shiftPlan = createShiftPlan(deps);
  return async (event: unknown): Promise<{ readonly weight: number; readonly shiftedAtMs: number }> => {
    const { model, rolloutId, functionName, weight } = parse(ShiftTrafficInput, event);
    const asked = { model, rolloutId, weight };
    const readRunning = async () => requireRunning(await registry.getRollout(model, rolloutId), asked);
    const rollout = await readRunning();
    const { lambdaVersion, weights, shifts = [] } = rollout;
    if (weight > 0 && lambdaVersion === undefined) {
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} has no published version to give traffic to`);
    }
    if (weights.at(-1) !== weight && rollout.status === 'RUNNING') {
      await registry.updateRollout(model, rolloutId, {
        weights: [...weights, weight],
        shifts: [...shifts, { weight, atMs: clock.nowMs() }],
      });
    }

    const byPlan = rollout.routing !== undefined;
    if (byPlan) await shiftPlan({ functionName, weight, readRunning });
    if (!byPlan || rollout.kind === 'code') await shiftAlias(functions, functionName, rollout, weight);
    return { weight, shiftedAtMs: clock.nowMs() };
  };
};
