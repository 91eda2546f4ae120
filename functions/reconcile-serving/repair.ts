import type { ReconcileAction } from '../../shared/core/deployment/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Executions } from '../../shared/ports/executions.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import type { EndpointState } from './read-serving-state.ts';

export type Repair = (model: string, endpoint: EndpointState, action: ReconcileAction) => Promise<void>;

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly executions: Executions;
  readonly clock: Clock;
}

export const createRepair =
  ({ registry, functions, executions, clock }: Deps): Repair =>
  async (model, { functionName, aliasRevisionId }, action) => {
    if (action.kind === 'none') return;
    if (action.kind === 'restore') {
      const { lambdaVersion } = action;
      await functions.setLiveAlias(functionName, { lambdaVersion, weights: {}, revisionId: aliasRevisionId });
      // The alias first, the lease last: a death in between leaves the lease to the next round.
      if (action.rolloutId !== undefined) {
        await registry.endRollout({
          model,
          rolloutId: action.rolloutId,
          status: 'FAILED',
          endedAtMs: clock.nowMs(),
          reason: `reconciled: ${action.reason}`,
          principal: 'function:reconcile-serving',
        });
      }
      return;
    }
    const { version } = action;
    const codeSha256 = (await functions.describe(functionName)).codeSha256;
    const isModel = action.kind === 'roll out model';
    const suffix = isModel ? '' : `-${codeSha256.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 12)}`;
    await executions.start(`${model}-${isModel ? 'model' : 'code'}-${version}${suffix}`, {
      model,
      version,
      kind: isModel ? 'model' : 'code',
      principal: 'reconcile-serving',
    });
  };
