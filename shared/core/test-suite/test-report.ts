/** What a model's test suite found on a day, as it is stored: `contracts/test-suite` reads it. */

/** What a suite can check; each in the unit that `contracts/test-suite-definition` states. */
export type TestCheck =
  | 'drifted-feature-share'
  | 'feature-drift'
  | 'prediction-drift'
  | 'out-of-range-share'
  | 'missing-share'
  | 'new-category-share'
  | 'schema-faults'
  | 'constant-columns'
  | 'duplicated-columns'
  | 'duplicated-rows'
  | 'row-count'
  | 'freshness-hours'
  | 'label-share'
  | 'label-drift'
  | 'quality'
  | 'concept-drift'
  | 'quality-decay'
  | 'group-difference'
  | 'overfit'
  | 'estimated-quality'
  | 'skew'
  | 'staleness-days'
  | 'latency-ms'
  | 'error-share';

export type Severity = 'low' | 'medium' | 'high';

/** What a test is of. */
export interface TestKey {
  readonly check: TestCheck;
  readonly column?: string | undefined;
  /** What divides rows into groups: a name of `monitors.performance.fairness`. */
  readonly by?: string | undefined;
  readonly slice?: string | undefined;
  /** As performance reports name them. */
  readonly metric?: string | undefined;
}

export type TestStatus = 'pass' | 'fail' | 'skipped';

/** Every bound that is there must hold. */
export interface TestCondition {
  readonly below?: number;
  readonly above?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/**
 * Who made the condition: the definition; the reference's own days; what training measured; or a default of the platform's
 * where none of them says anything.
 */
export type ConditionSource = 'declared' | 'reference' | 'training' | 'default';

export interface TestResult {
  /** The same from day to day. */
  readonly id: string;
  readonly check: TestCheck;
  readonly column?: string;
  readonly by?: string;
  readonly slice?: string;
  readonly metric?: string;
  readonly status: TestStatus;
  readonly severity: Severity;
  /** The definition asks for a training run when it fails. */
  readonly retrain: boolean;
  /** Absent of what could not be measured. */
  readonly measured?: number;
  /**
   * 95 %, of duplicated rows 99 %, where the measured value has one. A condition fails when no value of the interval meets
   * it.
   */
  readonly interval?: readonly [low: number, high: number];
  /** Absent of what was skipped for want of one. */
  readonly condition?: TestCondition;
  readonly conditionFrom?: ConditionSource;
  /** How the bound was made, as a sentence. */
  readonly basis?: string;
  /** What was found, or why it was skipped, as a sentence. */
  readonly reason: string;
  /** What explains the value: the columns, slices or categories behind it, worst first. */
  readonly detail?: readonly string[];
  /** First day (`YYYY-MM-DD`) of the days in a row on which it failed; of what fails only. */
  readonly failingSince?: string;
}

/** How often a day on which nothing has changed passes every condition that was made from the reference. */
export interface CleanDayRate {
  /** At least this share of such days; absent where no condition is the reference's. */
  readonly passShare?: number;
  readonly referenceDays: number;
  /** As a sentence, with what it assumes. */
  readonly statement: string;
}

export interface TestSuiteReport {
  readonly schemaVersion: 1;
  readonly model: string;
  /** In service at the check. */
  readonly version?: number;
  /** UTC day that was tested, `YYYY-MM-DD`. */
  readonly day: string;
  /** `nothing tested` when every test was skipped. */
  readonly status: 'pass' | 'fail' | 'nothing tested';
  readonly passCount: number;
  readonly failCount: number;
  readonly skippedCount: number;
  readonly cleanDays: CleanDayRate;
  /** Failed ones first, the most severe before the others. */
  readonly tests: readonly TestResult[];
}

export const testIdOf = ({ check, column, by, slice, metric }: TestKey): string =>
  [
    check,
    metric,
    column === undefined ? undefined : `column ${column}`,
    by === undefined ? undefined : `by ${by}`,
    slice === undefined ? undefined : `slice ${slice}`,
  ]
    .filter((part) => part !== undefined)
    .join('/');
