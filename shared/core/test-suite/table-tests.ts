import type { SuiteFacts } from './suite-facts.ts';
import { type TestCheck, type TestCondition, type TestKey, testIdOf } from './test-report.ts';
import { type AutomaticCondition, isMissing, type Missing, type TestSource, whole } from './test-value.ts';

/** Tests of the day's rows beside the reference's. */

/** As Evidently's preset: most features have drifted. */
const MOST_FEATURES: TestCondition = { atMost: 0.5 };

/** Where the reference has too few days to say. */
const defaultOf = ({ check }: TestKey, { declared }: SuiteFacts): AutomaticCondition | undefined => {
  const byDefault = (condition: TestCondition, basis: string): AutomaticCondition => ({
    condition,
    from: 'default',
    basis,
  });
  switch (check) {
    case 'drifted-feature-share':
      return byDefault(MOST_FEATURES, 'at most half of the features');
    case 'prediction-drift':
    case 'feature-drift':
      return byDefault(
        { atMost: declared.predictionPsiLimit },
        "the drift check's own limit, monitors.predictionPsiLimit",
      );
    case 'out-of-range-share':
      return byDefault({ atMost: declared.maxOutOfRangeShare }, "training's own limit, checks.maxOutOfRangeShare");
    case 'schema-faults':
    case 'constant-columns':
    case 'duplicated-columns':
      return byDefault({ atMost: 0 }, 'none');
    default:
      return undefined;
  }
};

const automatic = (key: TestKey, facts: SuiteFacts): AutomaticCondition | Missing => {
  const id = testIdOf(key);
  const limit = facts.limits.limits.get(id) ?? (isMissing(facts.table) ? undefined : facts.table.values.get(id)?.usual);
  if (limit !== undefined && isMissing(limit)) return limit;
  if (limit !== undefined) return { condition: { atMost: limit.atMost }, from: 'reference', basis: limit.basis };
  return defaultOf(key, facts) ?? { missing: `nothing says what it may be: ${facts.limits.cleanDays.statement}` };
};

const measure: TestSource['measure'] = (key, { table }) => {
  if (isMissing(table)) return table;
  const found = table.values.get(testIdOf(key));
  if (found === undefined) return { missing: 'no column of the day has it' };
  const { value, detail, interval } = found;
  return {
    measured: value,
    ...(interval === undefined ? {} : { interval }),
    ...(detail.length === 0 ? {} : { detail }),
  };
};

const tableTest = (check: TestCheck, severity: TestSource['severity']): TestSource => ({
  keys: whole(check),
  measure,
  automatic,
  severity,
});

/** Values drift on clean days too, at the stated rate: low. What is no matter of chance is more. */
export const TABLE_TESTS = {
  'drifted-feature-share': tableTest('drifted-feature-share', 'low'),
  'feature-drift': { ...tableTest('feature-drift', 'low'), keys: () => [] },
  'prediction-drift': tableTest('prediction-drift', 'low'),
  'out-of-range-share': tableTest('out-of-range-share', 'low'),
  'missing-share': tableTest('missing-share', 'low'),
  'new-category-share': tableTest('new-category-share', 'low'),
  'schema-faults': tableTest('schema-faults', 'medium'),
  'constant-columns': tableTest('constant-columns', 'medium'),
  'duplicated-columns': tableTest('duplicated-columns', 'medium'),
  'duplicated-rows': tableTest('duplicated-rows', 'medium'),
} satisfies Partial<Record<TestCheck, TestSource>>;
