import type { ModelVersion } from '../../core/registry/index.ts';
import { ConflictError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { idOf, type RegistryState } from './registry-state.ts';

type VersionDecisions = Pick<ModelRegistry, 'decideVersion' | 'approveVersion' | 'moveVersion' | 'collectVersion'>;

const requireUndecided = (standing: ModelVersion, wanted: 'APPROVED' | 'REJECTED'): void => {
  const { model, version, status, lifecycle } = standing;
  if (status !== 'PENDING_APPROVAL') {
    throw new InvalidStateError(`${model}@${version} is ${status}, it cannot become ${wanted}`);
  }
  if (wanted === 'APPROVED' && lifecycle !== undefined) {
    throw new InvalidStateError(`${model}@${version} is ${lifecycle}, it cannot become ${wanted}`);
  }
};

/** What is decided about versions in memory, for tests. */
export const versionDecisions = (state: RegistryState): VersionDecisions => {
  const standingVersion = (model: string, version: number): ModelVersion => {
    const standing = state.versions.get(idOf(model, version));
    if (standing === undefined) throw new NotFoundError(`version ${model}@${version} is not registered`);
    return standing;
  };
  const put = (changed: object, { model, version }: ModelVersion): ModelVersion => {
    state.versions.set(idOf(model, version), changed as ModelVersion);
    return changed as ModelVersion;
  };
  const requireIdle = (model: string, version: number): void => {
    if (state.deployments.get(model)?.version === version) {
      throw new InvalidStateError(`${model}@${version} serves: a rollout must replace it first`);
    }
    const running = [...state.rollouts.values()].some((one) => one.model === model && one.status === 'RUNNING');
    if (running) throw new ConflictError(`a rollout of ${model} runs`);
  };
  return {
    decideVersion: async ({ model, version, ...decision }) => {
      const standing = standingVersion(model, version);
      if (standing.status === decision.status) return standing;
      requireUndecided(standing, decision.status);
      return put({ ...standing, ...decision, updatedAtMs: decision.decidedAtMs }, standing);
    },
    approveVersion: async ({ model, version, approval }, judge) => {
      const standing = standingVersion(model, version);
      if (standing.status === 'APPROVED') return standing;
      requireUndecided(standing, 'APPROVED');
      if (standing.status !== 'PENDING_APPROVAL') return standing;
      const { status, approvals, evidence } = judge(standing);
      if (status === standing.status && approvals.length === (standing.approvals?.length ?? 0)) return standing;
      const { principal: decidedBy, atMs, reason } = approval;
      const why = reason === undefined ? {} : { decisionReason: reason };
      const decided = { decidedBy, decidedAtMs: atMs, decisionEvidence: evidence, ...why };
      const changed = { ...standing, status, approvals, updatedAtMs: atMs };
      return put(status === 'APPROVED' ? { ...changed, ...decided } : changed, standing);
    },
    moveVersion: async ({ model, version, reason, principal, atMs }, decide) => {
      const standing = standingVersion(model, version);
      const to = decide(standing);
      if (to === (standing.lifecycle ?? 'IN_USE')) return standing;
      const { lifecycle: _, lifecycleAtMs: _at, lifecycleBy: _by, lifecycleReason: _why, ...rest } = standing;
      const moved = { ...rest, updatedAtMs: Math.max(standing.updatedAtMs, atMs) };
      if (to === 'IN_USE') return put(moved, standing);
      requireIdle(model, version);
      const about = { lifecycle: to, lifecycleAtMs: atMs, lifecycleBy: principal, lifecycleReason: reason };
      return put({ ...moved, ...about }, standing);
    },
    collectVersion: async ({ model, version, atMs }) => {
      const standing = standingVersion(model, version);
      if (standing.collectedAtMs !== undefined) return standing;
      if (standing.lifecycle !== 'ARCHIVED') throw new InvalidStateError(`${model}@${version} is not ARCHIVED`);
      return put({ ...standing, collectedAtMs: atMs }, standing);
    },
  };
};
