export { compareDaily, type DailyComparison, dailyQuality } from './daily-comparison.ts';
export { measureQuality, type Quality, type Task } from './quality.ts';
export { type EvaluationReport, evaluateCandidate } from './quality-gate.ts';
