export { type CapturedLine, capturedUnits, type RolloutArms } from './captured-units.ts';
export { collectableVersions } from './collectable-versions.ts';
export { addCrashes, type CrashCounts, crashAlarm, NO_CRASHES } from './crash-alarm.ts';
export { decideLook, type LookDecision, type LookFacts } from './decide-look.ts';
export {
  decideRollBack,
  findVersionBefore,
  isRollBack,
  type RollBack,
  type RollBackQuestion,
  rollBackId,
  type ServedVersion,
} from './decide-roll-back.ts';
export type { EvidenceTaken } from './evidence-taken.ts';
export { findEarlierRollout } from './find-earlier-rollout.ts';
export { type DeclaredSlice, inSlice, type SliceCondition, slicesOf } from './in-slice.ts';
export { judgeEvidence } from './judge-evidence.ts';
export { type JudgedDeployment, type JudgeRules, judgeRules, lookMsOf } from './judge-rules.ts';
export { capturedSpans, floorMinute, type LookSpan, minuteSpans } from './look-spans.ts';
export { type PinnedModel, pinnedEnvironment, pinnedModel, pinsModel } from './pinned-environment.ts';
export { planRollout, type RolloutPlan } from './plan-rollout.ts';
export { decideReconciliation, type ReconcileAction, type ServingState } from './reconcile.ts';
export { defaultChangedAbove, medianOf, pairsOf, type ReplayPart, replayParts } from './replay-parts.ts';
export { ownFailures, type ReplayFindings, type ReplayLimits, replayReasons } from './replay-verdict.ts';
export type { RolloutLook } from './rollout-look.ts';
export {
  type CapturedInputs,
  missingFeatures,
  type ReplayedAnswer,
  type ReplayedVersion,
  scoreCaptured,
} from './score-captured.ts';
export { type LabelledPair, pairedLosses, type ShadowDay } from './shadow-day.ts';
export { CAPTURE_GRACE_MS, chooseChallenger, labelsCloseAtMs, shadowDays, shadowStartMs } from './shadow-plan.ts';
export { openShadowSample, type ShadowSample } from './shadow-sample.ts';
export {
  type ShadowLimits,
  type ShadowRow,
  type ShadowVerdict,
  shadowVerdict,
} from './shadow-verdict.ts';
