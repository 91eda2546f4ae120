export {
  detailEvaluation,
  type EvaluatedRows,
  type EvaluationDetails,
  type GlobalExplanation,
} from './evaluation-details.ts';
export { REPORT_CONTENT_POLICY, renderEvaluationReport } from './render-evaluation-report.ts';
export type { DecisionCosts } from './threshold-costs.ts';
