export { LATEST_ALIAS, requireAliasName, requireFreeAliasName } from './alias-name.ts';
export { type ApprovalStep, decideApproval } from './decide-approval.ts';
export { describeFailure } from './describe-failure.ts';
export { endedWithoutVersion } from './ended-without-version.ts';
export type * from './model-version.ts';
export { isPackaged, requireApproved, requirePackaged } from './packaged.ts';
export {
  describePackaging,
  notePackaging,
  PACKAGING_TAG,
  packagingFailure,
  planPackaging,
  requireUnpackaged,
} from './packaging.ts';
export {
  coolDownReason,
  planTraining,
  type RetrainingPolicy,
  type TrainingPlan,
  type TrainingRequest,
} from './plan-training.ts';
export { IS_PROMPT_TAG, isPrompt, requireRegistryTag, requireRegistryTagKey } from './registry-tag.ts';
export { requireDescription, requireLink, requireModelName } from './registry-text.ts';
export { nameClauses, promptSearch, readModelField, readVersionField } from './search-registry.ts';
export { shownRunId } from './shown-run-id.ts';
export { isLocalSource, type ModelUri, parseModelUri, requireVersionSource } from './version-source.ts';
export { canonicalStage, requireArchivable, VERSION_STAGES } from './version-stage.ts';
