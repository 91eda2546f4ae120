import type { SuiteFacts } from './suite-facts.ts';
import type { ConditionSource, Severity, TestCheck, TestCondition, TestKey } from './test-report.ts';

/** What a test measured. */
export interface TestValue {
  readonly measured: number;
  readonly interval?: readonly [low: number, high: number];
  readonly detail?: readonly string[];
}

/** Why there is nothing to measure, or no condition, as a sentence's end. */
export interface Missing {
  readonly missing: string;
}

/** A condition that nobody declared. */
export interface AutomaticCondition {
  readonly condition: TestCondition;
  readonly from: ConditionSource;
  readonly basis: string;
}

/** How one kind of check is measured, and what it must be if nobody says so. */
export interface TestSource {
  /** What is tested where nothing is declared. */
  readonly keys: (facts: SuiteFacts) => readonly TestKey[];
  readonly measure: (key: TestKey, facts: SuiteFacts) => TestValue | Missing;
  readonly automatic: (key: TestKey, facts: SuiteFacts) => AutomaticCondition | Missing;
  /** What the measured value counts, where the check's name does not say it. */
  readonly unit?: string;
  /** Of what nobody declared. */
  readonly severity: Severity;
}

export const isMissing = <T extends object>(found: T | Missing): found is Missing => 'missing' in found;

/** The only test of a kind. */
export const whole = (check: TestCheck) => (): readonly TestKey[] => [{ check }];
