export { detectableHarm } from './detectable-harm.ts';
export { type CanaryEvidence, type CanaryVerdict, judgeCanary, type ServingCounts } from './judge-canary.ts';
export { decideReconciliation, type ReconcileAction, type ServingState } from './reconcile.ts';
