import type { Deployment, Rollout } from '../../shared/core/registry/index.ts';
import type { Roster } from '../../shared/core/routing/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';

/**
 * What serves a model, and which versions its function may serve.
 * @throws InvalidStateError while no version is in service, or one that was published for itself alone.
 */
export const readLiveRoster = async (
  { registry, plans }: Pick<PlatformDeps, 'registry' | 'plans'>,
  model: string,
): Promise<{ readonly deployment: Deployment; readonly rollout: Rollout; readonly roster: Roster }> => {
  const deployment = await registry.getDeployment(model);
  if (deployment === undefined) throw new InvalidStateError(`no version of ${model} is in service yet`);
  const rollout = await registry.getRollout(model, deployment.rolloutId);
  if (rollout?.rosterDigest === undefined) {
    throw new InvalidStateError(
      `version ${deployment.version} of ${model} was put into service by an alias: its next rollout brings exact routing`,
    );
  }
  return { deployment, rollout, roster: await plans.getRoster(model, rollout.rosterDigest) };
};
