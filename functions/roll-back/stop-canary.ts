import { rolloutReportAt } from '../../shared/contracts/events.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RollBackRequest } from '../../shared/ports/roll-back.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { createRestAlias, type Resting } from './rest-alias.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

type Asked = RollBackRequest & { readonly functionName: string };

/** Every weight that was set, and that it has none now. */
const withoutTraffic = ({ weights, shifts = [] }: Rollout, atMs: number): Pick<Rollout, 'weights' | 'shifts'> =>
  (weights.at(-1) ?? 0) === 0
    ? { weights, shifts }
    : { weights: [...weights, 0], shifts: [...shifts, { weight: 0, atMs }] };

/** Ends the running rollout, then gives its traffic back: no step of it may move traffic once it is over. */
export const createStopCanary = (deps: Deps) => {
  const { registry, events, clock } = deps;
  const restAlias = createRestAlias(deps);
  return async ({ model, functionName, reason, principal }: Asked, rollout: Rollout): Promise<Resting> => {
    const { rolloutId, version, lambdaVersion } = rollout;
    const endedAtMs = clock.nowMs();
    const decision = { action: 'roll back', reason, decidedBy: principal, decidedAtMs: endedAtMs } as const;
    const end = { status: 'ROLLED_BACK', endedAtMs, reason, principal } as const;
    await registry.endRollout({ model, rolloutId, ...end, decision, ...withoutTraffic(rollout, endedAtMs) });
    const resting = await restAlias(model, functionName, lambdaVersion);
    const report = rolloutReportAt(model, rolloutId);
    await events.publish('Rollout Rolled Back', { model, version, rolloutId, reason, report });
    return resting;
  };
};
