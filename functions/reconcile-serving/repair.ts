import type { ReconcileAction } from '../../shared/core/deployment/index.ts';
import { settledPlan } from '../../shared/core/routing/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Executions } from '../../shared/ports/executions.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import type { EndpointState } from './read-serving-state.ts';

export type Repair = (model: string, endpoint: EndpointState, action: ReconcileAction) => Promise<void>;

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly executions: Executions;
  readonly plans: Pick<RoutingPlans, 'change'>;
  readonly clock: Clock;
}

const PRINCIPAL = 'function:reconcile-serving';

type Restore = Extract<ReconcileAction, { readonly kind: 'restore' }>;

/** The plan first: it takes effect within seconds. The lease last: a death in between leaves it to the next round. */
const createRestore =
  ({ registry, functions, plans, clock }: Deps) =>
  async (model: string, { functionName, aliasRevisionId, planRevision }: EndpointState, action: Restore) => {
    const { lambdaVersion, planVersion, rolloutId } = action;
    const [atMs, reason] = [clock.nowMs(), `reconciled: ${action.reason}`];
    if (planVersion !== undefined) {
      // Whoever wrote it since knows better.
      await plans.change({ model, principal: PRINCIPAL, atMs, reason }, (standing) =>
        standing?.revision === planRevision ? settledPlan(standing, { model, version: planVersion, atMs }) : undefined,
      );
    }
    await functions.setLiveAlias(functionName, { lambdaVersion, weights: {}, revisionId: aliasRevisionId });
    if (rolloutId === undefined) return;
    const end = { status: 'FAILED' as const, endedAtMs: clock.nowMs(), principal: PRINCIPAL };
    await registry.endRollout({ model, rolloutId, ...end, reason });
  };

export const createRepair = (deps: Deps): Repair => {
  const { functions, executions } = deps;
  const restore = createRestore(deps);
  return async (model, endpoint, action) => {
    if (action.kind === 'none') return;
    if (action.kind === 'restore') {
      await restore(model, endpoint, action);
      return;
    }
    const { functionName, state } = endpoint;
    const { version } = action;
    const codeSha256 = (await functions.describe(functionName)).codeSha256;
    const isModel = action.kind === 'roll out model';
    // Where a version may have had to wait, the same execution could not begin a second time.
    const suffix =
      isModel && state.routing === undefined ? '' : `-${codeSha256.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 12)}`;
    await executions.start(`${model}-${isModel ? 'model' : 'code'}-${version}${suffix}`, {
      model,
      version,
      kind: isModel ? 'model' : 'code',
      principal: 'reconcile-serving',
    });
  };
};
