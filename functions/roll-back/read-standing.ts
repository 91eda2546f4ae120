import type { RollBackQuestion } from '../../shared/core/deployment/index.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RollBackRequest } from '../../shared/ports/roll-back.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { restingVersion } from './rest-alias.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
}

/** Rollouts looked through for the one by which a version served. */
const RECENT_ROLLOUTS = 50;

const requireRollout = async (registry: ModelRegistry, model: string, rolloutId: string): Promise<Rollout> => {
  const rollout = await registry.getRollout(model, rolloutId);
  if (rollout === undefined) throw new NotFoundError(`rollout ${rolloutId} of ${model} does not exist`);
  return rollout;
};

/** How a model stands when somebody wants it rolled back. @throws NotFoundError for a rollout that does not exist. */
export const readStanding = async (
  { registry, functions }: Deps,
  functionName: string,
  { model, rolloutId, version, reason, principal }: RollBackRequest,
): Promise<RollBackQuestion> => {
  const alias = await functions.getLiveAlias(functionName);
  const { deployment, runningRolloutId } = await registry.getServingSnapshot(model);
  const [running, named, { items: rollouts }, resting] = await Promise.all([
    runningRolloutId === undefined ? undefined : registry.getRollout(model, runningRolloutId),
    rolloutId === undefined ? undefined : requireRollout(registry, model, rolloutId),
    registry.listRollouts(model, RECENT_ROLLOUTS),
    restingVersion(functions, functionName, deployment),
  ]);
  return {
    model,
    by: { reason, principal },
    rollouts,
    atRest: alias.lambdaVersion === resting && Object.keys(alias.weights).length === 0,
    // One that ended since the snapshot holds no lease any more.
    ...(running?.status === 'RUNNING' ? { running } : {}),
    ...(deployment === undefined ? {} : { deployment }),
    ...(named === undefined ? {} : { named }),
    ...(version === undefined ? {} : { wanted: version }),
  };
};
