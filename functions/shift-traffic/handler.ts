import { parse } from '../../shared/contracts/parse.ts';
import { ShiftTrafficInput } from '../../shared/contracts/rollout-workflow.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
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
 * requests, see `createShiftPlan`. A rollout that a person rolled back gets nothing, which is what is answered: its
 * workflow goes on to its judge, who ends it.
 */
export const createHandler = (deps: Deps) => {
  const { registry, functions, clock } = deps;
  const shiftPlan = createShiftPlan(deps);

  const record = async ({ model, rolloutId, status, weights, shifts = [] }: Rollout, weight: number): Promise<void> => {
    if (weights.at(-1) === weight || status !== 'RUNNING') return;
    await registry.updateRollout(model, rolloutId, {
      weights: [...weights, weight],
      shifts: [...shifts, { weight, atMs: clock.nowMs() }],
    });
  };

  return async (event: unknown): Promise<{ readonly weight: number; readonly shiftedAtMs: number }> => {
    const asked = parse(ShiftTrafficInput, event);
    const { model, rolloutId, functionName } = asked;
    const read = () => registry.getRollout(model, rolloutId);
    const isRolledBack = async () => (await read())?.status === 'ROLLED_BACK';
    const weight = (await isRolledBack()) ? 0 : asked.weight;
    const readRunning = async () => requireRunning(await read(), { model, rolloutId, weight });
    const rollout = await readRunning();
    if (weight > 0 && rollout.lambdaVersion === undefined) {
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} has no published version to give traffic to`);
    }
    await record(rollout, weight);

    const byPlan = rollout.routing !== undefined;
    const shift = { functionName, rollout, weight, readRunning, isRolledBack };
    if (byPlan) await shiftPlan(shift);
    const stands = (byPlan && rollout.kind === 'model') || (await shiftAlias(functions, shift));
    return { weight: stands ? weight : 0, shiftedAtMs: clock.nowMs() };
  };
};
