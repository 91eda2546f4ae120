import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  type ApprovalFacts,
  approvalPolicyOf,
  judgeApproval,
  submitterOf,
} from '../../shared/core/governance/index.ts';
import { type PackagedVersion, requirePackaged } from '../../shared/core/registry/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { evaluationRoutes } from './evaluation-routes.ts';
import { lifecycleRoutes } from './lifecycle-routes.ts';
import type { PlatformDeps } from './routes.ts';
import { versionNotesRoutes } from './version-notes-routes.ts';
import { principalOf, reasonOf } from './write-routes.ts';

/** Deciding about versions. The policy is the definition's: who may approve, how many must, what must be on record. */

const OK = 200;
/** Taken down; others must approve too. */
const ACCEPTED = 202;

export const governanceRoutes = (deps: PlatformDeps): readonly Route[] => {
  const { definitions, registry, files, events, clock } = deps;
  const policyOf = (model: string) => approvalPolicyOf(definitions.get(model)?.approval);

  /** What the policy asks for; nothing of it changes while a version has its number. */
  const factsOf = async (version: PackagedVersion): Promise<ApprovalFacts> => {
    const { requires } = policyOf(version.model);
    const [run, gate] = await Promise.all([
      registry.getRun(version.model, version.runId),
      requires.gate === undefined ? undefined : files.gate(version),
    ]);
    return { submitter: submitterOf(version, run), ...(gate === undefined ? {} : { gate }) };
  };

  const approve: Route['handle'] = async (request, parameters) => {
    const { model = '' } = parameters;
    const version = parse(VersionParameter, parameters.version, 'version');
    const reason = reasonOf(request);
    const principal = principalOf(request);
    const registered = requirePackaged(await registry.getVersion(model, version), 'approved');
    const facts = await factsOf(registered);
    const approval = { principal, atMs: clock.nowMs(), ...(reason === undefined ? {} : { reason }) };
    const approved = await registry.approveVersion({ model, version, approval }, (standing) =>
      judgeApproval(standing, approval, policyOf(model), facts),
    );
    if (approved.status !== 'APPROVED') return jsonResponse(ACCEPTED, approved);
    // Of a decision that stands the first principal is announced again: its own announcement may have been lost.
    const decidedBy = approved.decidedBy ?? principal;
    await events.publish('Model Version Approved', { model, version, principal: decidedBy });
    return jsonResponse(OK, approved);
  };

  const reject: Route['handle'] = async (request, parameters) => {
    const { model = '' } = parameters;
    const version = parse(VersionParameter, parameters.version, 'version');
    const reason = reasonOf(request);
    const decided = await registry.decideVersion({
      model,
      version,
      status: 'REJECTED',
      decidedBy: principalOf(request),
      decidedAtMs: clock.nowMs(),
      ...(reason === undefined ? {} : { decisionReason: reason }),
    });
    const principal = decided.decidedBy ?? principalOf(request);
    const standingReason = decided.decisionReason ?? '';
    await events.publish('Model Version Rejected', { model, version, principal, reason: standingReason });
    return jsonResponse(OK, decided);
  };

  return [
    { method: 'POST', path: '/models/{model}/versions/{version}/approve', handle: approve },
    { method: 'POST', path: '/models/{model}/versions/{version}/reject', handle: reject },
    ...lifecycleRoutes(deps),
    ...evaluationRoutes(deps),
    ...versionNotesRoutes(deps),
  ];
};
