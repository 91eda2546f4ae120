import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Deps {
  readonly registry: Pick<ModelRegistry, 'getServingSnapshot' | 'getRollout' | 'decideRollout'>;
  readonly clock: Clock;
}

/**
 * Has a running canary of the version rolled back at its next look. A word that somebody gave before stands, and so does
 * the end of a rollout that is over.
 */
export const endCanary = async (
  { registry, clock }: Deps,
  model: string,
  version: number,
  reason: string,
): Promise<void> => {
  const { runningRolloutId: rolloutId } = await registry.getServingSnapshot(model);
  if (rolloutId === undefined) return;
  const rollout = await registry.getRollout(model, rolloutId);
  if (rollout?.version !== version || rollout.kind !== 'model') return;
  try {
    await registry.decideRollout({
      model,
      rolloutId,
      action: 'roll back',
      reason: `by paired shadow scoring ${reason}`,
      decidedBy: 'workflow:compare-versions',
      decidedAtMs: clock.nowMs(),
    });
  } catch (error) {
    if (!(error instanceof InvalidStateError)) throw error;
    logLine('info', 'the canary was decided on before', { model, version, rolloutId, reason: error.message });
  }
};
