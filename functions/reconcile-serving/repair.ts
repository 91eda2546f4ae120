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

/** Rollouts that could not be carried out, after which a person has to look. */
const MOST_ATTEMPTS = 3;
const RECENT_ROLLOUTS = 50;

/** How often a rollout by this name, or by its further attempts', could not be carried out. */
const countFailed = async ({ registry }: Deps, model: string, name: string): Promise<number> => {
  const { items } = await registry.listRollouts(model, RECENT_ROLLOUTS);
  return items.filter(({ rolloutId, status }) => rolloutId.startsWith(name) && status === 'FAILED').length;
};

type RollOut = Extract<ReconcileAction, { readonly version: number }>;

/** Starts a rollout, and another of the same where the one before could not be carried out. */
const createRollOut =
  (deps: Deps) =>
  async (model: string, { functionName, state }: EndpointState, { kind, version }: RollOut): Promise<void> => {
    const { functions, executions } = deps;
    const codeSha256 = (await functions.describe(functionName)).codeSha256;
    const isModel = kind === 'roll out model';
    // Where a version may have had to wait, the same execution could not begin a second time.
    const suffix =
      isModel && state.routing === undefined ? '' : `-${codeSha256.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 12)}`;
    const what = isModel ? 'model' : 'code';
    const name = `${model}-${what}-${version}${suffix}`;
    const begin = (called: string) =>
      executions.start(called, { model, version, kind: what, principal: 'reconcile-serving' });
    if ((await begin(name)) === 'started') return;
    const failedCount = await countFailed(deps, model, name);
    if (failedCount > 0 && failedCount < MOST_ATTEMPTS) await begin(`${name}-${failedCount + 1}`);
  };

export const createRepair = (deps: Deps): Repair => {
  const [restore, rollOut] = [createRestore(deps), createRollOut(deps)];
  return async (model, endpoint, action) => {
    if (action.kind === 'none') return;
    if (action.kind === 'restore') await restore(model, endpoint, action);
    else await rollOut(model, endpoint, action);
  };
};
