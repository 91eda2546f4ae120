import { parse } from '../../shared/contracts/parse.ts';
import { RollbackBody } from '../../shared/contracts/routing.ts';
import { requireApproved } from '../../shared/core/registry/index.ts';
import {
  decideRollback,
  isSettledOn,
  type RoutingPlan,
  requireMembers,
  settledPlan,
} from '../../shared/core/routing/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
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
const stopTrying = async (deps: PlatformDeps, asked: Asked, version: number, rolloutId: string | undefined) => {
  const { registry, events } = deps;
  const { model, principal, atMs: endedAtMs, reason } = asked;
  if (rolloutId === undefined) return settle(deps, asked, version);
  const running = await registry.getRollout(model, rolloutId);
  if (running?.kind === 'code') {
    throw new InvalidStateError(
      `rollout ${rolloutId} of ${model} is of code: stop its execution, and traffic goes back`,
    );
  }
  // It first: none of its steps can give the canary anything afterwards.
  const ended = await registry.endRollout({ model, rolloutId, status: 'ROLLED_BACK', endedAtMs, reason, principal });
  const plan = await settle(deps, asked, version);
  await events.publish('Rollout Rolled Back', { model, version: ended.version, rolloutId, reason });
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
  });
  return plan;
};

/**
 * Rolling back by one call: the plan is written before it is answered, and every environment follows within the plan's
 * five seconds. Asked again it changes nothing more; see `decideRollback`.
 */
export const rollbackRoute = (deps: PlatformDeps): Route => ({
  method: 'POST',
  path: '/models/{model}/rollback',
  handle: async (request, { model = '' }) => {
    const { version: wanted, reason } = parse(RollbackBody, bodyOf(request), 'body');
    const { requestId } = request;
    const asked = { model, principal: principalOf(request), atMs: deps.clock.nowMs(), reason, requestId };
    const plan = await requirePlan(deps, model);
    const { runningRolloutId: rolloutId } = await deps.registry.getServingSnapshot(model);
    const question = { plan, ...(rolloutId === undefined ? {} : { rolloutId }) };
    const decided = decideRollback({ ...question, ...(wanted === undefined ? {} : { wanted }) });
    if (decided.kind === 'none') return jsonResponse(200, plan);
    if (decided.kind === 'go back') return jsonResponse(200, await goBack(deps, asked, decided.version));
    return jsonResponse(200, await stopTrying(deps, asked, decided.version, rolloutId));
  },
});
