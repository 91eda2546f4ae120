import { definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { RequestRolloutBody, RolloutDecisionBody, RolloutIdParameter } from '../../shared/contracts/roll-back.ts';
import { approvalPolicyOf, requirePromoter, submitterOf } from '../../shared/core/governance/index.ts';
import { type Rollout, requireApproved, requirePackaged } from '../../shared/core/registry/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import { rollBack } from './rollback-route.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** One rollout: what is seen of it, and a person's word on it. */

type Parameters = Readonly<Record<string, string>>;

const requireRollout = async (
  { registry }: Pick<PlatformDeps, 'registry'>,
  { model = '', rolloutId: given }: Parameters,
): Promise<Rollout> => {
  const rolloutId = parse(RolloutIdParameter, given, 'rolloutId');
  const rollout = await registry.getRollout(model, rolloutId);
  if (rollout !== undefined) return rollout;
  throw new NotFoundError(`rollout ${rolloutId} of ${model} does not exist`);
};

export const rolloutRoutes = (deps: PlatformDeps): readonly Route[] => {
  const { definitions, registry, rolloutEvidence, events, clock } = deps;

  /** @throws ForbiddenError */
  const requireMayPromote = async (rollout: Rollout, principal: string): Promise<void> => {
    const { model, version } = rollout;
    const packaged = requirePackaged(await registry.getVersion(model, version), 'promoted');
    const submitter = submitterOf(packaged, await registry.getRun(model, packaged.runId));
    requirePromoter(rollout, approvalPolicyOf(definitions.get(model)?.approval), { principal, submitter });
  };

  /** What it was expected to take, and what was seen last; nothing before its first look. */
  const evidenceOf = async ({ model, rolloutId }: Rollout): Promise<object> => {
    const evidence = await rolloutEvidence.get(model, rolloutId);
    if (evidence === undefined) return {};
    const { forecast, lookCount } = evidence;
    const lastLook = lookCount === 0 ? undefined : await rolloutEvidence.getLook(model, rolloutId, lookCount - 1);
    return { evidence: { forecast, lookCount, ...(lastLook === undefined ? {} : { lastLook }) } };
  };

  const read: Route['handle'] = async (_request, parameters) => {
    const rollout = await requireRollout(deps, parameters);
    return jsonResponse(200, { ...rollout, ...(await evidenceOf(rollout)) });
  };

  /** The workflow's next look gives it all traffic. */
  const promote: Route['handle'] = async (request, parameters) => {
    const { reason } = parse(RolloutDecisionBody, bodyOf(request), 'body');
    const rollout = await requireRollout(deps, parameters);
    const { model, rolloutId } = rollout;
    const decidedBy = principalOf(request);
    await requireMayPromote(rollout, decidedBy);
    const decision = { action: 'promote', reason, decidedBy, decidedAtMs: clock.nowMs() } as const;
    return jsonResponse(200, await registry.decideRollout({ model, rolloutId, ...decision }));
  };

  /** Another canary of a version: its workflow begins, waits its turn, or finds that this was asked before. */
  const request: Route['handle'] = async (asked, { model = '' }) => {
    const { version, reason } = parse(RequestRolloutBody, bodyOf(asked), 'body');
    definitionOf(definitions, model);
    const { lifecycle } = requireApproved(await registry.getVersion(model, version));
    const serving = await registry.getDeployment(model);
    if (serving?.version === version) throw new InvalidStateError(`version ${version} of ${model} serves already`);
    if (lifecycle !== undefined) {
      throw new InvalidStateError(`version ${version} of ${model} is ${lifecycle}: reinstate it first`);
    }
    const { requestId } = asked;
    await events.publish('Rollout Requested', { model, version, principal: principalOf(asked), reason, requestId });
    return jsonResponse(202, { model, version, requestId });
  };

  const rollBackOne: Route['handle'] = async (request, parameters) => {
    const { reason } = parse(RolloutDecisionBody, bodyOf(request), 'body');
    const { model, rolloutId, status, version } = await requireRollout(deps, parameters);
    if (status === 'PROMOTED' || status === 'FAILED') {
      const instead = status === 'PROMOTED' ? `version ${version} serves by it; POST /models/${model}/rollback` : '';
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} is ${status}${instead && `: ${instead}`}`);
    }
    return rollBack(deps, request, { model, reason, rolloutId });
  };

  const one = '/models/{model}/rollouts/{rolloutId}';
  return [
    { method: 'POST', path: '/models/{model}/rollouts', handle: request },
    { method: 'GET', path: one, handle: read },
    { method: 'POST', path: `${one}/promote`, handle: promote },
    { method: 'POST', path: `${one}/rollback`, handle: rollBackOne },
  ];
};
