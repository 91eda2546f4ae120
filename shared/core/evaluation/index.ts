export {
  compareDaily,
  type DailyComparison,
  type DailyQuality,
  dailyQuality,
  type EvaluationRows,
} from './daily-comparison.ts';
export { measureQuality, type Quality, type ScoredRows, type Task } from './quality.ts';
export {
  type EvaluationReport,
  evaluateCandidate,
  type GateFinding,
  type GatePolicy,
  type GateRule,
  type ModelEvaluation,
} from './quality-gate.ts';
