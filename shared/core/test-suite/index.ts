export { type DailyFacts, type DailyReport, type DayLine, makeDailyReport } from './daily-report.ts';
export { type ReferenceLimits, referenceLimits } from './reference-limits.ts';
export { measureReferenceDays, RANGES_VERSION, type ReferenceRanges } from './reference-ranges.ts';
export { renderDailyReport } from './render-daily-report.ts';
export { type DeclaredTest, referenceTestIds, runSuite } from './run-suite.ts';
export type { SuiteFacts } from './suite-facts.ts';
export { type TableValues, type TestedFeature, tableValues } from './table-values.ts';
export { DAY_NOTE, INTERVAL_NOTE, type JudgedNumbers, tellTest } from './tell-test.ts';
export type { Severity, TestResult, TestSuiteReport } from './test-report.ts';
