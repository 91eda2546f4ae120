export { renderBars } from './bars.ts';
export { type Chart, type Line, type Point, renderChart } from './chart.ts';
export { shortNumber, timeAxisName, timeTicks } from './chart-scales.ts';
export { type ArmComparison, type ArmLine, armLines } from './compare-arms.ts';
export {
  detailEvaluation,
  type EvaluatedRows,
  type EvaluationDetails,
  type GlobalExplanation,
  type SimplerModel,
} from './evaluation-details.ts';
export {
  type Cell,
  renderFacts,
  renderKey,
  renderList,
  renderNote,
  renderSection,
  renderTable,
  renderText,
} from './html-blocks.ts';
export {
  escapeHtml,
  htmlPage,
  type PageScript,
  REPORT_CONTENT_POLICY,
  renderLink,
  scriptContentPolicy,
} from './html-page.ts';
export { type DayKpi, type KpiDays, kpiDays, kpiName, renderKpiDays } from './kpi-days.ts';
export { renderCardHtml } from './render-card-html.ts';
export { renderEvaluationKey, renderEvaluationReport, renderLossByDay } from './render-evaluation-report.ts';
export { type ExperimentReport, renderExperimentReport } from './render-experiment-report.ts';
export { renderEvidence, renderWholeEvidence, timeRangeOf } from './render-rollout-evidence.ts';
export { renderRolloutReport } from './render-rollout-report.ts';
export { renderRolloutTimeline } from './render-rollout-timeline.ts';
export { cardPath, type PagePlace, rolloutReportPath, TIMELINE_PATH } from './report-paths.ts';
export { type ReplayFacts, type RolloutFacts, type RolloutReport, reportRollout } from './rollout-report.ts';
export { type RolloutTimeline, rolloutTimeline } from './rollout-timeline.ts';
export { standalonePicture } from './standalone-picture.ts';
export { type ToldRecord, tellTellings } from './tell-tellings.ts';
export { timeOf } from './tell-time.ts';
export type { DecisionCosts } from './threshold-costs.ts';
export { renderVersionDrift, type VersionDrift } from './version-drift.ts';
