import { shortNumber } from '../reports/index.ts';
import type { MeasuredValue, SuiteFacts } from './suite-facts.ts';
import type { TestCheck, TestKey } from './test-report.ts';
import type { Missing, TestSource, TestValue } from './test-value.ts';

/** Tests of how far declared groups lie apart: differences of `shared/core/fairness`, the largest group less the smallest. */

type Fairness = NonNullable<NonNullable<SuiteFacts['performance']>['fairness']>;
type FairnessRow = Fairness['rows'][number];

/** What has a limit although nobody declared one. */
const SUMMARIES: readonly string[] = ['demographicParity', 'equalizedOdds'];
const MOST_DIFFERENCE = 0.1;

const metricsOf = ({ task }: SuiteFacts): readonly string[] =>
  task === 'regression' ? ['meanAbsoluteError'] : SUMMARIES;

const keys: TestSource['keys'] = (facts) => {
  const { by = [] } = facts.declared.groups ?? {};
  if (by.length === 0) return [{ check: 'group-difference' }];
  return by.flatMap((name) =>
    metricsOf(facts).map((metric) => ({ check: 'group-difference', by: name, metric }) as const),
  );
};

/** The metrics by group that a summary is taken over, the one with the larger difference first. */
const rowsOf = ({ rows }: Fairness, { by, metric = '' }: TestKey): readonly FairnessRow[] => {
  const parts: Readonly<Record<string, readonly string[]>> = {
    demographicParity: ['selectionRate'],
    equalizedOdds: ['truePositiveRate', 'falsePositiveRate'],
  };
  const names = parts[metric] ?? [metric];
  return rows
    .filter((row) => row.by === by && names.includes(row.metric))
    .toSorted((a, b) => b.difference.value - a.difference.value);
};

const differenceOf = (fairness: Fairness, key: TestKey): MeasuredValue | undefined => {
  const summary = fairness.summaries.find(({ by }) => by === key.by);
  if (key.metric === 'demographicParity') return summary?.demographicParity.difference;
  if (key.metric === 'equalizedOdds') return summary?.equalizedOdds?.difference;
  return rowsOf(fairness, key)[0]?.difference;
};

/** The groups at both ends. */
const endsOf = ({ metric, groups }: FairnessRow): readonly string[] => {
  const sorted = groups.toSorted((a, b) => a.value.value - b.value.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  const told = ({ group, value }: typeof least): string => `${group} ${shortNumber(value.value)}`;
  return [`${metric} from ${told(least)} to ${told(most)}, of ${groups.length} groups`];
};

const measure = (key: TestKey, { performance, declared: { groups } }: SuiteFacts): TestValue | Missing => {
  if (key.by === undefined || groups === undefined)
    return { missing: 'no sensitive column is declared in monitors.performance.fairness' };
  const fairness = performance?.fairness;
  if (fairness === undefined) return { missing: 'no window has labels yet' };
  const { value, lower, upper } = differenceOf(fairness, key) ?? {};
  // Without an interval a difference says nothing: the largest less the smallest is above 0 by chance alone.
  if (value === undefined || lower === undefined || upper === undefined)
    return {
      missing: `fewer than two groups by ${key.by} have labels enough for it, ${groups.minRows} of each at least`,
    };
  return { measured: value, interval: [lower, upper], detail: rowsOf(fairness, key).slice(0, 1).flatMap(endsOf) };
};

const groupDifference: TestSource = {
  keys,
  severity: 'medium',
  measure,
  automatic: ({ metric = '' }) =>
    SUMMARIES.includes(metric)
      ? {
          condition: { atMost: MOST_DIFFERENCE },
          from: 'default',
          basis: `AI Fairness 360 calls differences of up to ${MOST_DIFFERENCE} fair; the rows held out are not compared by group, so they give no limit`,
        }
      : { missing: 'nobody declared what it may be' },
};

export const GROUP_TESTS = { 'group-difference': groupDifference } satisfies Partial<Record<TestCheck, TestSource>>;
