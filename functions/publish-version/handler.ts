import { parse } from '../../shared/contracts/parse.ts';
import { PublishVersionInput } from '../../shared/contracts/rollout-workflow.ts';
import { pinnedEnvironment, pinsModel } from '../../shared/core/deployment/index.ts';
import { ConflictError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { engineOf } from './engine-of.ts';
import { createRosterOf } from './roster-of.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'list'>;
  readonly plans: Pick<RoutingPlans, 'getRoster' | 'keepRoster'>;
}

type Output = { readonly published: false } | { readonly published: true; readonly lambdaVersion: string };

/**
 * One step of publishing `$LATEST` with the model's digest in its environment; the workflow calls it until it
 * answers `published`. Each call reads how things stand, so that a deploy between any two steps, or a call repeated,
 * only costs another round: every change names the revision it was decided on. The published version is recorded
 * on the rollout before any traffic can reach it.
 */
export const createHandler =
  ({ registry, functions, artifacts, plans }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const rosterOf = createRosterOf({ functions, plans });
    const input = parse(PublishVersionInput, event);
    const { model, rolloutId, functionName } = input;
    const [latest, rollout] = await Promise.all([
      functions.describe(functionName),
      registry.getRollout(model, rolloutId),
    ]);
    if (!latest.settled) return { published: false };
    const roster = rollout?.routing && { rosterDigest: await rosterOf(functionName, input, rollout) };
    const engine = await engineOf(artifacts, input);
    const pinned = { ...input, ...roster, ...(engine === undefined ? {} : { engine }) };
    if (!pinsModel(latest.environment, pinned)) {
      await functions
        .updateEnvironment(functionName, pinnedEnvironment(latest.environment, pinned), latest.revisionId)
        .catch(ignoreConflict);
      return { published: false };
    }
    const description = `${model} version ${input.version}, ${input.modelDigest.slice(0, 12)}`;
    const from = { revisionId: latest.revisionId, codeSha256: latest.codeSha256, description };
    const publishedVersion = await functions.publish(functionName, from).catch(ignoreConflict);
    if (publishedVersion === undefined || !pinsModel(publishedVersion.environment, pinned)) return { published: false };
    const { lambdaVersion, codeSha256 } = publishedVersion;
    await registry.updateRollout(model, rolloutId, { lambdaVersion, codeSha256, ...roster });
    return { published: true, lambdaVersion };
  };

/** Somebody changed the function in between: the next round decides on what stands then. */
const ignoreConflict = (error: unknown): undefined => {
  if (error instanceof ConflictError) return undefined;
  throw error;
};
