export {
  type ApprovalPolicy,
  type ApprovalRequirements,
  type ApprovalSetting,
  approvalPolicyOf,
  submitterOf,
} from './approval-policy.ts';
export { type CardSection, cardSections, cardTitle, EVALUATION_TITLE, SERVING_TITLE } from './card-sections.ts';
export {
  type CollectionPlan,
  type Folder,
  foldersOf,
  type GarbageMark,
  isUnreferenced,
  planCollection,
  type Retention,
  versionsIn,
} from './find-garbage.ts';
export { type ApprovalFacts, type ApprovalOutcome, judgeApproval, judgeRequirements } from './judge-approval.ts';
export {
  type CardContent,
  type CardEvaluation,
  type CardEvidence,
  type CardMaterials,
  describeVersion,
  type ModelCard,
} from './model-card.ts';
export { type LifecycleMove, moveLifecycle } from './move-lifecycle.ts';
export { renderCardMarkdown } from './render-card-markdown.ts';
export { requirePromoter } from './require-promoter.ts';
export { holdoutScore, type ScoreRow, scoreMatrix, type VersionScore } from './score-matrix.ts';
