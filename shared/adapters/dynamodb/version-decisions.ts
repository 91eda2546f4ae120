import type { Approval, ModelVersion, PackagedVersion, RuleResult } from '../../core/registry/index.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { changeVersion } from './change-version.ts';
import type { RegistryContext } from './registry-context.ts';

/** Approving and rejecting: a version is decided about once. */

type VersionDecisions = Pick<ModelRegistry, 'decideVersion' | 'approveVersion'>;

const undecidable = (standing: ModelVersion, wanted: string): InvalidStateError => {
  const { model, version, status } = standing;
  return new InvalidStateError(
    status === 'REFERENCED'
      ? `model version ${model}@${version} has no package, only the source ${standing.source}: it cannot become ${wanted}, and no rollout can serve it`
      : `model version ${model}@${version} is ${status} by ${standing.decidedBy ?? 'nobody'}, it cannot become ${wanted}`,
  );
};

/** @returns the version, if it waits for a decision; undefined when that decision stands. @throws InvalidStateError */
const undecided = (standing: ModelVersion, wanted: 'APPROVED' | 'REJECTED'): PackagedVersion | undefined => {
  if (standing.status === wanted) return undefined;
  if (standing.status !== 'PENDING_APPROVAL') throw undecidable(standing, wanted);
  if (wanted === 'REJECTED' || standing.lifecycle === undefined) return standing;
  const { model, version, lifecycle } = standing;
  throw new InvalidStateError(`model version ${model}@${version} is ${lifecycle}, it cannot become ${wanted}`);
};

/** What an approval that was the last one needed leaves on the version besides. */
const decided = ({ principal, atMs, reason }: Approval, evidence: readonly RuleResult[]) => ({
  decidedBy: principal,
  decidedAtMs: atMs,
  decisionEvidence: evidence,
  ...(reason === undefined ? {} : { decisionReason: reason }),
});

export const versionDecisions = (context: RegistryContext): VersionDecisions => ({
  decideVersion: ({ model, version, ...decision }) =>
    changeVersion(context, `deciding about ${model}@${version}`, { model, version }, ({ version: standing }) => {
      const { status, decidedBy: principal, decidedAtMs: atMs, decisionReason: reason, decisionEvidence } = decision;
      const pending = undecided(standing, status);
      if (pending === undefined) return undefined;
      const before = { status: pending.status };
      const after = { status, ...(decisionEvidence === undefined ? {} : { evidence: decisionEvidence }) };
      return {
        fields: { ...decision, updatedAtMs: atMs },
        entry: { action: 'decide version', principal, atMs, before, after, reason },
      };
    }),

  approveVersion: ({ model, version, approval }, judge) =>
    changeVersion(context, `approving ${model}@${version}`, { model, version }, ({ version: standing }) => {
      const pending = undecided(standing, 'APPROVED');
      if (pending === undefined) return undefined;
      const { status, approvals, evidence } = judge(pending);
      const approved = status === 'APPROVED';
      if (!approved && approvals.length === (pending.approvals?.length ?? 0)) return undefined;
      const { principal, atMs, reason } = approval;
      const before = { status: pending.status };
      return {
        fields: { status, approvals, updatedAtMs: atMs, ...(approved ? decided(approval, evidence) : {}) },
        entry: {
          action: approved ? 'decide version' : 'approve version',
          principal,
          atMs,
          before,
          after: { status, evidence },
          reason,
        },
      };
    }),
});
