import { parse } from '../../shared/contracts/parse.ts';
import { ShiftTrafficInput } from '../../shared/contracts/rollout-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly clock: Clock;
}

/**
 * Sets the canary's traffic weight: 0 gives everything back to the version that served before, 1 gives everything to
 * the canary. The weight is recorded on the rollout before the alias moves; setting it again changes nothing.
 * An alias that somebody moved in between is a ConflictError, which the workflow tries again.
 */
export const createHandler =
  ({ registry, functions, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly weight: number; readonly shiftedAtMs: number }> => {
    const { model, rolloutId, functionName, weight } = parse(ShiftTrafficInput, event);
    const rollout = await registry.getRollout(model, rolloutId);
    if (rollout?.status !== 'RUNNING') {
      throw new InvalidStateError(
        `rollout ${rolloutId} of ${model} must be RUNNING to move traffic, it is ${rollout?.status ?? 'unknown'}`,
      );
    }
    const { lambdaVersion, previousLambdaVersion, weights, shifts = [] } = rollout;
    if (weight > 0 && lambdaVersion === undefined) {
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} has no published version to give traffic to`);
    }
    if (weights.at(-1) !== weight) {
      await registry.updateRollout(model, rolloutId, {
        weights: [...weights, weight],
        shifts: [...shifts, { weight, atMs: clock.nowMs() }],
      });
    }

    const alias = await functions.getLiveAlias(functionName);
    const canary = lambdaVersion ?? previousLambdaVersion;
    await functions.setLiveAlias(functionName, {
      lambdaVersion: weight === 1 ? canary : previousLambdaVersion,
      weights: weight > 0 && weight < 1 ? { [canary]: weight } : {},
      revisionId: alias.revisionId,
    });
    return { weight, shiftedAtMs: clock.nowMs() };
  };
