import { GROUP_TESTS } from './group-tests.ts';
import { QUALITY_TESTS } from './quality-tests.ts';
import { SERVICE_TESTS } from './service-tests.ts';
import type { SuiteFacts } from './suite-facts.ts';
import { TABLE_TESTS } from './table-tests.ts';
import { tellTest } from './tell-test.ts';
import {
  type Severity,
  type TestCheck,
  type TestCondition,
  type TestKey,
  type TestResult,
  type TestSuiteReport,
  testIdOf,
} from './test-report.ts';
import { type AutomaticCondition, isMissing, type Missing, type TestSource, type TestValue } from './test-value.ts';

/** What a definition says of one test. */
export interface DeclaredTest extends TestKey {
  readonly below?: number | undefined;
  readonly above?: number | undefined;
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly between?: readonly [low: number, high: number] | undefined;
  readonly off?: true | undefined;
  readonly severity: Severity;
  readonly retrain: boolean;
}

const SOURCES: Readonly<Record<TestCheck, TestSource>> = {
  ...TABLE_TESTS,
  ...SERVICE_TESTS,
  ...QUALITY_TESTS,
  ...GROUP_TESTS,
};

const declaredCondition = ({ below, above, atMost, atLeast, between }: DeclaredTest): TestCondition | undefined => {
  const [low, high] = between ?? [];
  const bounds = { below, above, atMost: atMost ?? high, atLeast: atLeast ?? low };
  const given = Object.entries(bounds).filter(([, bound]) => bound !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
};

/** Whether some value of the interval, or the value where there is none, meets every bound. */
const holds = ({ below, above, atMost, atLeast }: TestCondition, { measured, interval }: TestValue): boolean => {
  const [low, high] = interval ?? [measured, measured];
  return (
    (below === undefined || low < below) &&
    (atMost === undefined || low <= atMost) &&
    (above === undefined || high > above) &&
    (atLeast === undefined || high >= atLeast)
  );
};

interface Planned {
  readonly key: TestKey;
  readonly declared?: DeclaredTest | undefined;
}

const planTests = (facts: SuiteFacts, declared: readonly DeclaredTest[]): readonly Planned[] => {
  const byId = new Map(declared.map((test) => [testIdOf(test), test]));
  const automatic = Object.values(SOURCES).flatMap((source) => source.keys(facts));
  const planned = new Map<string, Planned>();
  for (const key of automatic) planned.set(testIdOf(key), { key, declared: byId.get(testIdOf(key)) });
  for (const [id, test] of byId) {
    const { check, column, by, slice, metric } = test;
    planned.set(id, { key: { check, column, by, slice, metric }, declared: test });
  }
  return [...planned.values()].filter((test) => test.declared?.off !== true);
};

const findCondition = ({ key, declared }: Planned, facts: SuiteFacts): AutomaticCondition | Missing => {
  const condition = declared && declaredCondition(declared);
  if (condition !== undefined) return { condition, from: 'declared', basis: 'monitors.tests' };
  return SOURCES[key.check].automatic(key, facts);
};

/** On which day it first failed, of the days in a row until now. */
const failingSince = (id: string, day: string, before: TestSuiteReport | undefined): string => {
  const earlier = before?.tests.find((test) => test.id === id);
  return earlier?.status === 'fail' ? (earlier.failingSince ?? before?.day ?? day) : day;
};

const runTest = (planned: Planned, facts: SuiteFacts, before: TestSuiteReport | undefined): TestResult => {
  const { key, declared } = planned;
  const { check, column, by, slice, metric } = key;
  const source = SOURCES[check];
  const id = testIdOf(key);
  const about = {
    id,
    check,
    ...(column === undefined ? {} : { column }),
    ...(by === undefined ? {} : { by }),
    ...(slice === undefined ? {} : { slice }),
    ...(metric === undefined ? {} : { metric }),
    severity: declared?.severity ?? source.severity,
    retrain: declared?.retrain ?? false,
  };
  const value = source.measure(key, facts);
  const found = findCondition(planned, facts);
  const judged = {
    ...about,
    ...(isMissing(value) ? {} : value),
    ...(isMissing(found) ? {} : { condition: found.condition, conditionFrom: found.from, basis: found.basis }),
  };
  if (isMissing(value)) return { ...judged, status: 'skipped', reason: `not measured: ${value.missing}` };
  const { measured, condition } = tellTest(judged);
  const of = source.unit === undefined ? measured : `${measured} ${source.unit}`;
  if (isMissing(found)) return { ...judged, status: 'skipped', reason: `${of}, not judged: ${found.missing}` };
  const told = `${of}, must be ${condition}`;
  if (holds(found.condition, value)) return { ...judged, status: 'pass', reason: told };
  return { ...judged, status: 'fail', reason: told, failingSince: failingSince(id, facts.day, before) };
};

const STATUS_ORDER = ['fail', 'pass', 'skipped'];
const SEVERITY_ORDER = ['high', 'medium', 'low'];

const byUrgency = (a: TestResult, b: TestResult): number =>
  STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
  SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
  (a.id < b.id ? -1 : 1);

/** The tests for which a suite may want a limit of the reference, by id. */
export const referenceTestIds = (declared: readonly DeclaredTest[]): readonly string[] => {
  const tested = new Map(
    Object.keys(TABLE_TESTS)
      .filter((check) => check !== 'feature-drift')
      .map((check) => [check, true]),
  );
  for (const test of declared) {
    if (!Object.hasOwn(TABLE_TESTS, test.check)) continue;
    tested.set(testIdOf(test), test.off !== true && declaredCondition(test) === undefined);
  }
  return [...tested].filter(([, wanted]) => wanted).map(([id]) => id);
};

/**
 * Runs every test that is declared or tested by itself. A declared one takes the place of the automatic one of its name;
 * without a bound of its own it keeps the automatic condition.
 * @param before the suite's last report, for since when a test fails.
 */
export const runSuite = (
  facts: SuiteFacts,
  declared: readonly DeclaredTest[],
  before?: TestSuiteReport,
): TestSuiteReport => {
  const tests = planTests(facts, declared)
    .map((planned) => runTest(planned, facts, before))
    .toSorted(byUrgency);
  const count = (status: TestResult['status']): number => tests.filter((test) => test.status === status).length;
  const [passCount, failCount, skippedCount] = [count('pass'), count('fail'), count('skipped')];
  return {
    schemaVersion: 1,
    model: facts.model,
    ...(facts.version === undefined ? {} : { version: facts.version }),
    day: facts.day,
    status: failCount > 0 ? 'fail' : passCount > 0 ? 'pass' : 'nothing tested',
    passCount,
    failCount,
    skippedCount,
    cleanDays: facts.limits.cleanDays,
    tests,
  };
};
