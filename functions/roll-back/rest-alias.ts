import type { Deployment } from '../../shared/core/registry/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { ConflictError, UnavailableError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { AliasState, ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly registry: Pick<ModelRegistry, 'getServingSnapshot'>;
  readonly functions: Pick<ServingFunctions, 'getLiveAlias' | 'setLiveAlias' | 'listVersions'>;
}

export interface Resting {
  readonly champion?: number;
  readonly lambdaVersion: string;
}

/** A step of a rollout moves the alias once; more writers than this at once there are not. */
const MOST_ATTEMPTS = 6;

/** What the alias points at while nothing is tried. */
export const restingVersion = async (
  functions: Pick<ServingFunctions, 'listVersions'>,
  functionName: string,
  deployment: Deployment | undefined,
): Promise<string> => {
  // The oldest version waits for a first model.
  const resting = deployment?.lambdaVersion ?? (await functions.listVersions(functionName))[0];
  assert(resting !== undefined, `${functionName} has no published version`);
  return resting;
};

const isConflict = (error: unknown): false => {
  if (error instanceof ConflictError) return false;
  throw error;
};

const leadsTo = ({ lambdaVersion, weights }: AliasState, wanted: string | undefined): boolean =>
  wanted !== undefined && (lambdaVersion === wanted || Object.hasOwn(weights, wanted));

/**
 * Brings the alias wholly to what is deployed. It is written though it stands there already: a step of the rollout that
 * read it before the rollout's end would write on the revision that it read. A rollout that holds the lease by now has
 * the say, unless the alias leads to what is gone.
 */
export const createRestAlias =
  ({ registry, functions }: Deps) =>
  async (model: string, functionName: string, gone?: string): Promise<Resting> => {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const alias = await functions.getLiveAlias(functionName);
      // After the alias: whoever moved it holds the lease still, or is what is deployed by now.
      const { deployment, runningRolloutId } = await registry.getServingSnapshot(model);
      const lambdaVersion = await restingVersion(functions, functionName, deployment);
      const resting = { lambdaVersion, ...(deployment === undefined ? {} : { champion: deployment.version }) };
      if (runningRolloutId !== undefined && !leadsTo(alias, gone)) return resting;
      const to = { lambdaVersion, weights: {}, revisionId: alias.revisionId };
      if (await functions.setLiveAlias(functionName, to).then(() => true, isConflict)) return resting;
    }
    throw new UnavailableError(`the alias of ${functionName} was moved by others ${MOST_ATTEMPTS} times`);
  };

/** Points the alias wholly to a published version, for whoever holds the lease. */
export const pointAlias = async (
  functions: Pick<ServingFunctions, 'getLiveAlias' | 'setLiveAlias'>,
  functionName: string,
  lambdaVersion: string,
): Promise<void> => {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const { revisionId } = await functions.getLiveAlias(functionName);
    const to = { lambdaVersion, weights: {}, revisionId };
    if (await functions.setLiveAlias(functionName, to).then(() => true, isConflict)) return;
  }
  throw new UnavailableError(`the alias of ${functionName} was moved by others ${MOST_ATTEMPTS} times`);
};
