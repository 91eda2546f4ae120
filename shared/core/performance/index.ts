export { GAP_FLOOR_SHARE } from './concept-gap.ts';
export { firstOpenDay, makePerformanceReport, type PerformanceInput } from './make-performance-report.ts';
export { type OutcomeBook, type OutcomeDay, openOutcomeBook } from './outcome-book.ts';
export type { LabelFact, PredictionFact } from './outcome-row.ts';
export { makePerformanceReference, type PerformanceReference } from './performance-reference.ts';
export type {
  ConceptDrift,
  DayPerformance,
  Estimated,
  EstimatedMetric,
  EstimatedValues,
  KpiRow,
  LabelCorrection,
  LabelDelay,
  LabelState,
  LimitFinding,
  Measured,
  MetricName,
  MetricValues,
  PerformanceReport,
  PerformanceStatus,
  QualityRow,
  Reconciled,
} from './performance-report.ts';
export type { PerformanceSettings } from './performance-settings.ts';
export { type ServedRequests, servedRequests } from './served-requests.ts';
export { type LabelWindow, labelWindows, settleDay } from './settled-day.ts';
