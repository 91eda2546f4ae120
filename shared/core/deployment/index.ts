export { collectableVersions } from './collectable-versions.ts';
export { detectableHarm } from './detectable-harm.ts';
export { findEarlierRollout } from './find-earlier-rollout.ts';
export { type CanaryEvidence, type CanaryVerdict, judgeCanary, type ServingCounts } from './judge-canary.ts';
export { type PinnedModel, pinnedEnvironment, pinnedModel, pinsModel } from './pinned-environment.ts';
export { planRollout, type RolloutPlan } from './plan-rollout.ts';
export { decideReconciliation, type ReconcileAction, type ServingState } from './reconcile.ts';
