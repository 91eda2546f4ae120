import * as v from 'valibot';
import { closedObject } from './closed-object.ts';
import { MODEL_METRICS } from './performance-report.ts';

/** `monitors.tests`: conditions that a model's daily test suite holds beside, or instead of, the automatic ones. */

/** What a suite can check. The unit of the measured value stands beside each. */
const TEST_CHECKS = [
  /** Share of the features that drifted, each by the measure for its type and size. */
  'drifted-feature-share',
  /** PSI of one feature. */
  'feature-drift',
  /** PSI of the predictions. */
  'prediction-drift',
  /** Share of rows outside a feature's declared range; without a column the worst feature's. */
  'out-of-range-share',
  /** Share of missing values; without a column the worst feature's. */
  'missing-share',
  /** Share of values that the reference does not have among its categories; without a column the worst feature's. */
  'new-category-share',
  /** Columns that are absent, unexpected, or of another type. */
  'schema-faults',
  /** Columns that have one value now and had more in the reference. */
  'constant-columns',
  /** Columns that are copies of another now and were not in the reference. */
  'duplicated-columns',
  /** Share of the day's rows that repeat an earlier one of it, feature for feature. */
  'duplicated-rows',
  /** Predictions of the day, as a ratio to what the same weekday brings. */
  'row-count',
  /** Hours from the newest prediction to the check. */
  'freshness-hours',
  /** Mean of the labels: the share of positive ones of a classification. */
  'label-share',
  /** How far the labels' mean lies from that of the rows held out, by days, in the labels' unit. */
  'label-drift',
  /** A metric of the newest mature labels. */
  'quality',
  /** How far the loss of labelled days lies above what their inputs lead to expect: nats, or squared units. */
  'concept-drift',
  /** How much worse a metric is than on the rows held out in training; above 0 is worse. */
  'quality-decay',
  /** How far groups of a declared division lie apart in a metric: the largest less the smallest, in the metric's unit. */
  'group-difference',
  /** How much worse the loss is on the rows held out than on those learnt from; above 0 is worse. */
  'overfit',
  /** A metric as estimated before the labels come. */
  'estimated-quality',
  /** Share of predictions whose features differ from what training would compute. */
  'skew',
  /** Days since the end of the data that the version in service learnt from. */
  'staleness-days',
  /** p99 in milliseconds. */
  'latency-ms',
  /** Share of requests that failed. */
  'error-share',
] as const;
type TestCheck = (typeof TEST_CHECKS)[number];

/** What groups are compared in: the first two are what Fairlearn calls so, the last two of a regression. */
const GROUP_METRICS = [
  'demographicParity',
  'equalizedOdds',
  'selectionRate',
  'truePositiveRate',
  'falsePositiveRate',
  'accuracy',
  'meanPrediction',
  'meanAbsoluteError',
] as const;
const OF_A_REGRESSION: readonly string[] = ['meanPrediction', 'meanAbsoluteError'];
const METRICS = [...new Set([...MODEL_METRICS, ...GROUP_METRICS])];

/** From the least to the most urgent. */
const SEVERITIES = ['low', 'medium', 'high'] as const;
export const SeveritySchema = v.picklist(SEVERITIES, `must be one of ${SEVERITIES.join(', ')}`);

const OF_A_COLUMN: readonly TestCheck[] = [
  'feature-drift',
  'out-of-range-share',
  'missing-share',
  'new-category-share',
];
const OF_GROUPS: readonly TestCheck[] = ['group-difference'];
const OF_A_METRIC: readonly TestCheck[] = ['quality', 'quality-decay', 'estimated-quality', ...OF_GROUPS];
const OF_A_SLICE: readonly TestCheck[] = ['quality'];

const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

const TestFields = closedObject({
  // Without spaces: a longer message is cut off, and all of them should be told.
  check: v.picklist(TEST_CHECKS, `must be one of ${TEST_CHECKS.join(',')}`),
  column: v.optional(Name),
  /** A name of `monitors.performance.fairness`. */
  by: v.optional(Name),
  slice: v.optional(Name),
  metric: v.optional(v.picklist(METRICS, `must be one of ${METRICS.join(', ')}`)),
  /** Passed when the measured value is less, more, at most, at least; the last two together make a range. */
  below: v.optional(v.number()),
  above: v.optional(v.number()),
  atMost: v.optional(v.number()),
  atLeast: v.optional(v.number()),
  /** Both included. */
  between: v.optional(
    v.pipe(
      v.tuple([v.number(), v.number()]),
      v.check(([low, high]) => low <= high, 'must be a low number and one that is no lower'),
    ),
  ),
  /** Not tested at all, although it would be by itself. */
  off: v.optional(v.literal(true)),
  severity: v.optional(SeveritySchema, 'medium'),
  /** A failure asks for a training run. */
  retrain: v.optional(v.boolean(), false),
});

type TestInput = v.InferOutput<typeof TestFields>;

const BOUNDS = ['below', 'above', 'atMost', 'atLeast', 'between'] as const;

const groupFault = ({ check, by, metric }: TestInput): string | undefined => {
  const allowed: readonly string[] = OF_GROUPS.includes(check) ? GROUP_METRICS : MODEL_METRICS;
  if (metric !== undefined && !allowed.includes(metric))
    return `must have as metric of ${check} one of ${allowed.join(', ')}, got ${metric}`;
  return OF_GROUPS.includes(check) && (by === undefined || metric === undefined)
    ? `must have by and metric where check is ${check}`
    : undefined;
};

const placeFault = (test: TestInput): string | undefined => {
  const { check, column, by, slice, metric } = test;
  const refuse = (field: string, allowed: readonly TestCheck[]): string =>
    `must have ${field} only where check is one of ${allowed.join(', ')}, got ${check}`;
  if (column !== undefined && !OF_A_COLUMN.includes(check)) return refuse('a column', OF_A_COLUMN);
  if (by !== undefined && !OF_GROUPS.includes(check)) return refuse('by', OF_GROUPS);
  if (slice !== undefined && !OF_A_SLICE.includes(check)) return refuse('a slice', OF_A_SLICE);
  if (metric !== undefined && !OF_A_METRIC.includes(check)) return refuse('a metric', OF_A_METRIC);
  if (check === 'feature-drift' && column === undefined) return 'must have a column where check is feature-drift';
  return groupFault(test);
};

const conditionFault = (test: TestInput): string | undefined => {
  const bounds = BOUNDS.filter((name) => test[name] !== undefined);
  if (test.off === true) {
    return bounds.length > 0 || test.retrain ? `must have no ${bounds[0] ?? 'retrain'} beside off` : undefined;
  }
  if (test.between !== undefined && bounds.length > 1) return 'must have no other bound beside between';
  if (test.below !== undefined && test.atMost !== undefined) return 'must have one of below and atMost';
  if (test.above !== undefined && test.atLeast !== undefined) return 'must have one of above and atLeast';
  const low = test.above ?? test.atLeast ?? Number.NEGATIVE_INFINITY;
  const high = test.below ?? test.atMost ?? Number.POSITIVE_INFINITY;
  return low > high ? `must have a lower bound up to its upper bound, got ${low} and ${high}` : undefined;
};

const faultOf = (test: TestInput): string | undefined => placeFault(test) ?? conditionFault(test);

/** What tells a suite's tests apart: two of the same would contradict each other. */
const subjectOf = ({ check, column, by, slice, metric }: TestInput): string =>
  JSON.stringify([check, column, by, slice, metric]);

const MOST_TESTS = 200;

/** Without a bound the automatic condition holds, with the given severity. */
export const TestsSchema = v.pipe(
  v.array(
    v.pipe(
      TestFields,
      v.check(
        (test) => faultOf(test) === undefined,
        ({ input }) => faultOf(input) ?? '',
      ),
    ),
  ),
  v.maxLength(MOST_TESTS, `must be at most ${MOST_TESTS} tests`),
  v.check((tests) => new Set(tests.map(subjectOf)).size === tests.length, 'must not test the same twice'),
);
export type DeclaredTest = v.InferOutput<typeof TestsSchema>[number];

interface TestedModel {
  readonly task: 'binary-classification' | 'regression';
  readonly features: readonly { readonly name: string; readonly type: 'number' | 'category' }[];
  readonly monitors: {
    readonly tests?: readonly DeclaredTest[] | undefined;
    readonly performance?:
      | { readonly fairness?: { readonly by: readonly { readonly name: string }[] } | undefined }
      | undefined;
  };
}

const columnFault = ({ check, column }: DeclaredTest, { features }: TestedModel): string | undefined => {
  if (column === undefined) return undefined;
  const feature = features.find(({ name }) => name === column);
  if (feature === undefined) {
    const names = features.map(({ name }) => name);
    return `is of ${column}, which is no feature of the model; its features: ${names.join(', ')}`;
  }
  if (check === 'new-category-share' && feature.type === 'number') return `is of ${column}, which is a number`;
  if (check === 'out-of-range-share' && feature.type === 'category') return `is of ${column}, which is a category`;
  return undefined;
};

const divisionFault = ({ by, metric }: DeclaredTest, { task, monitors }: TestedModel): string | undefined => {
  if (by === undefined || metric === undefined) return undefined;
  const names = (monitors.performance?.fairness?.by ?? []).map(({ name }) => name);
  if (!names.includes(by))
    return `is by ${by}, which is no name of monitors.performance.fairness; its names: ${names.join(', ') || 'none'}`;
  return OF_A_REGRESSION.includes(metric) === (task === 'regression') ? undefined : `of ${metric} is not of a ${task}`;
};

/** Why a definition's tests cannot be. */
export const testsFault = (model: TestedModel): string | undefined => {
  for (const test of model.monitors.tests ?? []) {
    const fault = columnFault(test, model) ?? divisionFault(test, model);
    if (fault !== undefined) return `monitors.tests: ${test.check} ${fault}`;
  }
  return undefined;
};
