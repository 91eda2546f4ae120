import { pinnedModel } from '../../shared/core/deployment/index.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import { nextRoster, type RosterMember } from '../../shared/core/routing/index.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly functions: Pick<ServingFunctions, 'describe'>;
  readonly plans: Pick<RoutingPlans, 'getRoster' | 'keepRoster'>;
}

/**
 * The versions that the one which served before may serve, and this one: kept under their digest, which is pinned. What
 * it is made of cannot change any more, so that each call finds the same.
 */
export const createRosterOf =
  ({ functions, plans }: Deps) =>
  async (
    functionName: string,
    { version, modelDigest, manifestDigest, artifactPrefix }: RosterMember,
    { model, previousLambdaVersion, previousVersion }: Rollout,
  ): Promise<string> => {
    const member = { version, modelDigest, manifestDigest, artifactPrefix };
    const before = pinnedModel((await functions.describe(functionName, previousLambdaVersion)).environment);
    const { rosterDigest, engine: _, ...alone } = before ?? {};
    const standing =
      rosterDigest === undefined
        ? { model, members: before === undefined ? [] : [alone as RosterMember] }
        : await plans.getRoster(model, rosterDigest);
    return plans.keepRoster(nextRoster(standing, member, previousVersion === undefined ? [] : [previousVersion]));
  };
