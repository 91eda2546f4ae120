import { rolloutReportAt } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { RollbackBody } from '../../shared/contracts/routing.ts';
import { findVersionBefore } from '../../shared/core/deployment/index.ts';
import { type Rollout, requireApproved } from '../../shared/core/registry/index.ts';
import {
  decideRollback,
  isSettledOn,
  type RoutingPlan,
  requireMembers,
  settledPlan,
} from '../../shared/core/routing/index.ts';
import { type HttpRequest, type HttpResponse, jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { readLiveRoster } from './live-roster.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

interface Asked {
  readonly model: string;
  readonly principal: string;
  readonly atMs: number;
  readonly reason: string;
  readonly requestId: string;
}

/** @throws NotFoundError for a model whose requests no plan divides. */
export const requirePlan = async ({ plans }: PlatformDeps, model: string): Promise<RoutingPlan> => {
  const plan = await plans.get(model);
  if (plan !== undefined) return plan;
  throw new NotFoundError(`${model} has no routing plan: its traffic is divided by an alias (deployment.router)`);
};

const settle = async ({ plans }: PlatformDeps, { model, ...by }: Asked, version: number): Promise<RoutingPlan> => {
  const { principal, atMs, reason } = by;
  const settled = await plans.change({ model, principal, atMs, reason }, (standing) =>
    standing !== undefined && isSettledOn(standing, version)
      ? undefined
      : settledPlan(standing, { model, version, atMs }),
  );
  return settled as RoutingPlan;
};

/** The champion gets everything back; the rollout that was trying another version is over. */
const stopTrying = async (deps: PlatformDeps, asked: Asked, version: number, running: Rollout | undefined) => {
  const { registry, events } = deps;
  const { model, principal, atMs: endedAtMs, reason } = asked;
  if (running === undefined) return settle(deps, asked, version);
  const { rolloutId, weights, shifts = [] } = running;
  const decision = { action: 'roll back', reason, decidedBy: principal, decidedAtMs: endedAtMs } as const;
  const had = (weights.at(-1) ?? 0) > 0;
  // It first: none of its steps can give the canary anything afterwards.
  await registry.endRollout({
    model,
    rolloutId,
    status: 'ROLLED_BACK',
    endedAtMs,
    reason,
    principal,
    decision,
    ...(had ? { weights: [...weights, 0], shifts: [...shifts, { weight: 0, atMs: endedAtMs }] } : {}),
  });
  const plan = await settle(deps, asked, version);
  const report = rolloutReportAt(model, rolloutId);
  await events.publish('Rollout Rolled Back', { model, version: running.version, rolloutId, reason, report });
  return plan;
};

/** A version that the function in service may serve becomes the champion: a rollout of one step, on record as such. */
const goBack = async (deps: PlatformDeps, asked: Asked, version: number) => {
  const { registry, events } = deps;
  const { model, principal, atMs, reason, requestId } = asked;
  const { deployment, rollout, roster } = await readLiveRoster(deps, model);
  requireMembers(roster, [version]);
  requireApproved(await registry.getVersion(model, version));
  const { lambdaVersion, codeSha256 } = deployment;
  const { routing = {}, rosterDigest } = rollout;
  const rolloutId = `rollback-${requestId}`;
  await registry.startRollout({
    model,
    rolloutId,
    kind: 'model',
    version,
    startedAtMs: atMs,
    previousVersion: deployment.version,
    previousLambdaVersion: lambdaVersion,
    lambdaVersion,
    codeSha256,
    routing,
    ...(rosterDigest === undefined ? {} : { rosterDigest }),
  });
  const plan = await settle(deps, asked, version);
  const promoted = { model, version, lambdaVersion, codeSha256, rolloutId, promotedAtMs: atMs };
  await registry.endRollout({
    model,
    rolloutId,
    status: 'PROMOTED',
    endedAtMs: atMs,
    reason,
    principal,
    deployment: promoted,
  });
  await events.publish('Rollout Rolled Back', {
    model,
    version: deployment.version,
    rolloutId: deployment.rolloutId,
    reason,
    report: rolloutReportAt(model, deployment.rolloutId),
  });
  return plan;
};

/** What divides the requests of a model now: the plan, or else the alias. */
const readDivision = async ({ registry, plans }: PlatformDeps, model: string) => {
  const { runningRolloutId, deployment } = await registry.getServingSnapshot(model);
  const rolloutId = runningRolloutId ?? deployment?.rolloutId;
  const rollout = rolloutId === undefined ? undefined : await registry.getRollout(model, rolloutId);
  const running = rollout?.status === 'RUNNING' ? rollout : undefined;
  // A rollout of code has the alias's weights, as ever.
  const byPlan = rollout?.routing !== undefined && running?.kind !== 'code';
  return { running, plan: byPlan ? await plans.get(model) : undefined };
};

const rollBackPlan = async (
  deps: PlatformDeps,
  asked: Asked,
  { plan, running, wanted }: { plan: RoutingPlan; running: Rollout | undefined; wanted: number | undefined },
): Promise<RoutingPlan> => {
  const before = findVersionBefore((await deps.registry.listRollouts(asked.model, 1)).items)?.version;
  const decided = decideRollback({
    plan,
    ...(running === undefined ? {} : { rolloutId: running.rolloutId }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(before === undefined ? {} : { before }),
  });
  if (decided.kind === 'none') return plan;
  if (decided.kind === 'go back') return goBack(deps, asked, decided.version);
  return stopTrying(deps, asked, decided.version, running);
};

/**
 * Rolls a model back. Where a plan divides its requests it is written before it is answered, and every environment
 * follows within the plan's five seconds; asked again it changes nothing more, see `decideRollback`. What an alias
 * divides is moved by a function of the serving stack: 202 while that is under way.
 */
export const rollBack = async (
  deps: PlatformDeps,
  request: HttpRequest,
  about: { readonly model: string; readonly reason: string; readonly rolloutId?: string; readonly version?: number },
): Promise<HttpResponse> => {
  const { model, version: wanted, reason } = about;
  const by = { principal: principalOf(request), requestId: request.requestId };
  const { plan, running } = await readDivision(deps, model);
  if (plan === undefined) {
    const answer = await deps.rollBack.rollBack({ ...about, ...by });
    return jsonResponse('underWay' in answer ? 202 : 200, answer);
  }
  // The one that was named is over: what is tried now is another's.
  if (about.rolloutId !== undefined && about.rolloutId !== running?.rolloutId) return jsonResponse(200, plan);
  const asked = { model, reason, atMs: deps.clock.nowMs(), ...by };
  return jsonResponse(200, await rollBackPlan(deps, asked, { plan, running, wanted }));
};

export const rollbackRoute = (deps: PlatformDeps): Route => ({
  method: 'POST',
  path: '/models/{model}/rollback',
  handle: async (request, { model = '' }) => {
    const { version, reason } = parse(RollbackBody, bodyOf(request), 'body');
    return rollBack(deps, request, { model, reason, ...(version === undefined ? {} : { version }) });
  },
});
