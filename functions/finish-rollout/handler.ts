import { rolloutReportAt } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { FinishRolloutInput } from '../../shared/contracts/rollout-workflow.ts';
import { collectableVersions } from '../../shared/core/deployment/index.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { settlePlan } from './settle-plan.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly plans: Pick<RoutingPlans, 'change'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Ends the rollout: when promoted, the deployment, the alias `champion` and the lineage edge are written in the
 * same transaction that frees the lease. Repeated, it finds the rollout ended and only repeats the event.
 */
export const createHandler =
  ({ registry, functions, plans, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly status: Rollout['status'] }> => {
    const { model, rolloutId, functionName, status, reason } = parse(FinishRolloutInput, event);
    const running = await registry.getRollout(model, rolloutId);
    if (running === undefined) throw new InvalidStateError(`rollout ${rolloutId} of ${model} does not exist`);
    const endedAtMs = clock.nowMs();
    const principal = 'workflow:canary-rollout';
    const end = { model, rolloutId, status, endedAtMs, principal, ...(reason === '' ? {} : { reason }) };
    const promoted = status === 'PROMOTED' ? { deployment: deploymentOf(running, endedAtMs) } : {};
    const rollout = await registry.endRollout({ ...end, ...promoted });
    const told = { model, version: rollout.version, rolloutId, report: rolloutReportAt(model, rolloutId) };
    if (rollout.status === 'PROMOTED') {
      await settlePlan(plans, rollout, endedAtMs);
      await events.publish('Rollout Promoted', told);
      const versions = await functions.listVersions(functionName);
      for (const version of collectableVersions(versions, rollout))
        await functions.deleteVersion(functionName, version);
    } else if (!isToldOf(running)) {
      await events.publish('Rollout Rolled Back', { ...told, reason: rollout.reason ?? 'no reason was given' });
    }
    return { status: rollout.status };
  };

/** Whether a person ended it, whose roll-back has told of it. */
const isToldOf = ({ status, decision, endedAtMs }: Rollout): boolean =>
  status === 'ROLLED_BACK' && decision?.action === 'roll back' && decision.decidedAtMs === endedAtMs;

const deploymentOf = ({ model, version, rolloutId, lambdaVersion, codeSha256 }: Rollout, promotedAtMs: number) => {
  if (lambdaVersion === undefined || codeSha256 === undefined) {
    throw new InvalidStateError(`rollout ${rolloutId} of ${model} cannot be promoted: it published no version`);
  }
  return { model, version, lambdaVersion, codeSha256, rolloutId, promotedAtMs };
};
