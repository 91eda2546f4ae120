import type { Rollout } from '../../shared/core/registry/index.ts';
import { canaryPlan, type PlanDraft, type RoutingPlan, settledPlan } from '../../shared/core/routing/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly functions: Pick<ServingFunctions, 'getLiveAlias' | 'setLiveAlias'>;
  readonly plans: Pick<RoutingPlans, 'change'>;
  readonly clock: Clock;
}

interface Shift {
  readonly functionName: string;
  /** Of the canary, in [0, 1]. */
  readonly weight: number;
  /** The rollout as it stands. @throws InvalidStateError once it may move no traffic. */
  readonly readRunning: () => Promise<Rollout>;
}

const PRINCIPAL = 'workflow:canary-rollout';

const isOwn = (plan: RoutingPlan | undefined, { rolloutId }: Rollout): boolean =>
  plan?.experiment?.kind === 'canary' && plan.experiment.rolloutId === rolloutId;

/** The plan at a weight; undefined where it is so already, or is another's to change. */
const planAtWeight = (
  standing: RoutingPlan | undefined,
  rollout: Rollout,
  { weight, atMs }: { readonly weight: number; readonly atMs: number },
): PlanDraft | undefined => {
  const { model, rolloutId, version, previousVersion: champion, routing: settings = {} } = rollout;
  if (weight === 0 && !isOwn(standing, rollout)) return undefined;
  const next = canaryPlan(standing, { model, rolloutId, version, champion, weight, settings, atMs });
  const shares = (plan: PlanDraft) => JSON.stringify([plan.champion, plan.experiment, plan.arms]);
  return standing !== undefined && shares(standing) === shares(next) ? undefined : next;
};

/**
 * One step of a rollout where a plan divides the requests. A model's canary: the alias goes wholly to the published
 * version that may serve both (it is of the code that serves), and the plan has the weight, which takes effect within
 * seconds. Given back, the plan first, then the alias. Of a rollout of code the alias has the weight, as ever; a plan is
 * only seen to be there. Whoever ended the rollout meanwhile is heeded: the rollout is read after the plan that the write
 * replaces, so that no step outruns a roll-back.
 */
export const createShiftPlan = ({ functions, plans, clock }: Deps) => {
  const pointAlias = async (functionName: string, lambdaVersion: string): Promise<void> => {
    const alias = await functions.getLiveAlias(functionName);
    if (alias.lambdaVersion === lambdaVersion && Object.keys(alias.weights).length === 0) return;
    await functions.setLiveAlias(functionName, { lambdaVersion, weights: {}, revisionId: alias.revisionId });
  };

  return async ({ functionName, weight, readRunning }: Shift): Promise<void> => {
    const rollout = await readRunning();
    const { model, kind, version, previousVersion = version, previousLambdaVersion, lambdaVersion } = rollout;
    const atMs = clock.nowMs();
    const by = { model, principal: PRINCIPAL, atMs, reason: `rollout ${rollout.rolloutId}, weight ${weight}` };
    if (weight > 0) {
      // An environment without a plan could not answer.
      await plans.change(by, (standing) =>
        standing === undefined ? settledPlan(undefined, { model, version: previousVersion, atMs }) : undefined,
      );
    }
    if (kind === 'code') return;
    if (weight > 0 && lambdaVersion !== undefined) await pointAlias(functionName, lambdaVersion);
    await plans.change(by, async (standing) => planAtWeight(standing, await readRunning(), { weight, atMs }));
    if (weight > 0) return;
    const alias = await functions.getLiveAlias(functionName);
    // Another rollout may have taken over since this one ended.
    if (alias.lambdaVersion === lambdaVersion) await pointAlias(functionName, previousLambdaVersion);
  };
};
