export { type ArmComparison, type ArmLine, armLines } from './compare-arms.ts';
export {
  detailEvaluation,
  type EvaluatedRows,
  type EvaluationDetails,
  type GlobalExplanation,
} from './evaluation-details.ts';
export { REPORT_CONTENT_POLICY } from './html-page.ts';
export { renderCardHtml } from './render-card-html.ts';
export { renderEvaluationReport } from './render-evaluation-report.ts';
export { type ExperimentReport, renderExperimentReport } from './render-experiment-report.ts';
export { renderRolloutReport } from './render-rollout-report.ts';
export { renderRolloutTimeline } from './render-rollout-timeline.ts';
export { type ReplayFacts, type RolloutFacts, type RolloutReport, reportRollout } from './rollout-report.ts';
export { type RolloutTimeline, rolloutTimeline } from './rollout-timeline.ts';
export type { DecisionCosts } from './threshold-costs.ts';
