import { inferenceFunctionName } from '../../shared/contracts/names.ts';
import type { ServingState } from '../../shared/core/deployment/index.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { Executions } from '../../shared/ports/executions.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

export interface EndpointState {
  readonly functionName: string;
  /** The alias as it was read: a repair is refused when it moved since. */
  readonly aliasRevisionId: string;
  readonly state: ServingState;
}

export type ReadServingState = (model: string) => Promise<EndpointState>;

interface Deps {
  readonly stage: string;
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly executions: Executions;
}

/** Versions and rollouts looked through for one that was approved and never rolled out. */
const RECENT = 20;

/** Looked for only where a version newer than the one in service is registered. */
const newestApprovedOf = async (
  registry: ModelRegistry,
  model: string,
  servingVersion: number,
): Promise<ServingState['newestApproved']> => {
  const latestVersion = await registry.getModel(model).then((registered) => registered.latestVersion, absentAsZero);
  if (latestVersion <= servingVersion) return undefined;
  // No more of them can be newer than the one in service.
  const versions = await registry.listVersions(model, Math.min(RECENT, latestVersion - servingVersion));
  const approved = versions.items.find(({ status }) => status === 'APPROVED');
  if (approved === undefined) return undefined;
  const rollouts = await registry.listRollouts(model, RECENT);
  const rolloutBegun = rollouts.items.some(({ kind, version }) => kind === 'model' && version === approved.version);
  return { version: approved.version, rolloutBegun };
};

/** Nothing was registered yet. */
const absentAsZero = (error: unknown): number => {
  if (error instanceof NotFoundError) return 0;
  throw error;
};

/** An execution that is over has died only if its rollout still runs: one that ended both is left to the next round. */
const endedSince = async (registry: ModelRegistry, { model, rolloutId }: Rollout): Promise<boolean> =>
  (await registry.getRollout(model, rolloutId))?.status !== 'RUNNING';

export const createReadServingState =
  ({ stage, registry, functions, executions }: Deps): ReadServingState =>
  async (model) => {
    const functionName = inferenceFunctionName(stage, model);
    const [alias, latest, running] = await Promise.all([
      functions.getLiveAlias(functionName),
      functions.describe(functionName),
      registry.getRunningRollout(model),
    ]);
    // After the lease: a promotion in between is then seen here, and not taken for an alias that went astray.
    const deployment = await registry.getDeployment(model);
    const newestApproved = await newestApprovedOf(registry, model, deployment?.version ?? 0);
    // The oldest version waits for a first model.
    const restingLambdaVersion = deployment?.lambdaVersion ?? (await functions.listVersions(functionName))[0];
    assert(restingLambdaVersion !== undefined, `${functionName} has no published version`);
    const rollout = running && {
      rolloutId: running.rolloutId,
      executionRuns: (await executions.isRunning(running.rolloutId)) || (await endedSince(registry, running)),
    };
    return {
      functionName,
      aliasRevisionId: alias.revisionId,
      state: {
        alias,
        restingLambdaVersion,
        deployedCodeSha256: latest.codeSha256,
        ...(deployment ? { deployment } : {}),
        ...(rollout ? { rollout } : {}),
        ...(newestApproved ? { newestApproved } : {}),
      },
    };
  };
