import { GAP_FLOOR_SHARE } from '../performance/index.ts';
import { shortNumber } from '../reports/index.ts';
import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import type { MeasuredValue, SuiteFacts } from './suite-facts.ts';
import type { TestCheck, TestKey } from './test-report.ts';
import { type AutomaticCondition, type Missing, type TestSource, type TestValue, whole } from './test-value.ts';

/** Tests of how well predictions were met, and of what training promised. */

const NO_LABELS = { missing: 'no window has enough labels yet' };

const measuredOf = ({ value, lower, upper }: MeasuredValue): TestValue => ({
  measured: value,
  ...(lower === undefined || upper === undefined ? {} : { interval: [lower, upper] as const }),
});

const lossMetric = ({ task }: Pick<SuiteFacts, 'task'>): string => (task === 'regression' ? 'rmse' : 'logLoss');

/** Of all answers that callers got. */
const rowOf = ({ performance }: SuiteFacts, slice = 'all') =>
  performance?.quality.find((row) => row.slice === slice && row.version === undefined);

const limitOf = ({ performance }: SuiteFacts, { metric, slice = 'all' }: TestKey) =>
  performance?.limits.find((limit) => limit.metric === metric && limit.slice === slice);

type Limit = NonNullable<ReturnType<typeof limitOf>>;

const conditionOf = ({ worse, limit, source }: Limit): AutomaticCondition => ({
  condition: worse === 'above' ? { atMost: limit } : { atLeast: limit },
  from: source,
  basis: source === 'declared' ? 'monitors.performance' : 'the range of the reference, as the performance check has it',
});

const quality: TestSource = {
  keys: ({ performance }) =>
    (performance?.limits ?? []).map(({ metric, slice }) => ({
      check: 'quality',
      metric,
      ...(slice === 'all' ? {} : { slice }),
    })),
  severity: 'medium',
  measure: (key, facts) => {
    const measured = rowOf(facts, key.slice)?.metrics[key.metric ?? lossMetric(facts)] ?? limitOf(facts, key)?.value;
    return measured === undefined ? NO_LABELS : measuredOf(measured);
  },
  automatic: (key, facts) => {
    const limit = limitOf(facts, key);
    return limit === undefined ? { missing: 'the performance check has no limit for it' } : conditionOf(limit);
  },
};

/** What training measured on the rows held out, by the performance report's names. */
const promised = ({ training, task }: SuiteFacts, metric: string): number | undefined => {
  const { loss, auc, brier } = training?.holdout ?? {};
  return metric === lossMetric({ task }) ? loss : { auc, brier }[metric];
};

/** Scores, which get worse as they fall. */
const isScore = (metric: string): boolean => ['auc', 'accuracy', 'precision', 'recall', 'f1'].includes(metric);

const decayOf = (now: number, then: number, metric: string): number =>
  ((now - then) / then) * (isScore(metric) ? -1 : 1);

const NO_EVALUATION = { missing: 'the version has no evaluation to compare with' };

const measureDecay = ({ metric: asked }: TestKey, facts: SuiteFacts): TestValue | Missing => {
  const metric = asked ?? lossMetric(facts);
  const then = promised(facts, metric);
  const now = rowOf(facts)?.metrics[metric];
  if (now === undefined) return NO_LABELS;
  if (then === undefined || then <= 0) return NO_EVALUATION;
  const bounds = [now.lower, now.upper].map((bound) => (bound === undefined ? bound : decayOf(bound, then, metric)));
  const [low, high] = bounds.toSorted((a = 0, b = 0) => a - b);
  return {
    measured: decayOf(now.value, then, metric),
    ...(low === undefined || high === undefined ? {} : { interval: [low, high] as const }),
    detail: [`${metric} ${shortNumber(now.value)}, on the rows held out ${shortNumber(then)}`],
  };
};

const CONFIDENCE = 0.99;
const FEWEST_DAYS = 3;

/** What the mean of so many more days may differ by, drawn like the days held out: Student's prediction interval. */
const decayLimit = ({ metric }: TestKey, facts: SuiteFacts): AutomaticCondition | Missing => {
  if (metric !== undefined && metric !== lossMetric(facts)) return { missing: 'nobody declared what it may be' };
  const { dayLosses = [], holdout } = facts.training ?? {};
  if (holdout === undefined || holdout.loss <= 0) return NO_EVALUATION;
  const found = moments(dayLosses);
  if (found === undefined || found.count < FEWEST_DAYS)
    return { missing: `the evaluation has ${dayLosses.length} days, ${FEWEST_DAYS} are needed for a range` };
  const days = Math.max(1, rowOf(facts)?.dayCount ?? 1);
  const t = studentTQuantile(CONFIDENCE, found.count - 1);
  const atMost = (t * found.standardDeviation * Math.sqrt(1 / found.count + 1 / days)) / holdout.loss;
  return {
    condition: { atMost },
    from: 'training',
    basis: `the ${found.count} days held out differ by ${shortNumber((100 * found.standardDeviation) / holdout.loss)} % from day to day; ${days} more days like them stay below in ${100 * CONFIDENCE} % of cases`,
  };
};

const decay: TestSource = {
  keys: whole('quality-decay'),
  severity: 'medium',
  measure: measureDecay,
  automatic: decayLimit,
};

const overfit: TestSource = {
  keys: ({ training }) => (training?.trainingLoss === undefined ? [] : [{ check: 'overfit' }]),
  severity: 'low',
  measure: (_, { training }) => {
    const { trainingLoss = 0, holdout } = training ?? {};
    if (holdout === undefined || trainingLoss <= 0)
      return { missing: 'the trainer did not say what its loss was on the rows that it learnt from' };
    return { measured: holdout.loss / trainingLoss - 1 };
  },
  automatic: () => ({
    condition: { atMost: 0.25 },
    from: 'default',
    basis: 'at most a quarter worse where it did not learn',
  }),
};

const estimated: TestSource = {
  keys: (facts) =>
    Object.keys(facts.performance?.estimated?.metrics ?? {})
      .filter((metric) => limitOf(facts, { check: 'quality', metric }) !== undefined)
      .map((metric) => ({ check: 'estimated-quality', metric })),
  severity: 'low',
  measure: ({ metric }, facts) => {
    const found = facts.performance?.estimated?.metrics[metric ?? lossMetric(facts)];
    return found === undefined ? { missing: 'quality is not estimated before the labels come' } : measuredOf(found);
  },
  automatic: ({ metric }, facts) => {
    const limit = limitOf(facts, { check: 'quality', metric: metric ?? lossMetric(facts) });
    return limit === undefined ? { missing: 'the performance check has no limit for it' } : conditionOf(limit);
  },
};

/** Two-sided it would tell of days that were easier than expected: only worse ones call for somebody. */
const concept: TestSource = {
  keys: ({ performance }) => (performance?.concept === undefined ? [] : [{ check: 'concept-drift' }]),
  severity: 'low',
  measure: (_, { performance }) => {
    const found = performance?.concept;
    if (found === undefined) return { missing: 'too few labelled days to hold their loss to what was expected' };
    return {
      ...measuredOf(found.gap),
      detail: [`loss above what the inputs lead to expect, on ${found.dayCount} days`],
    };
  },
  automatic: (_, { task, training }) => {
    const loss = training?.holdout.loss;
    if (loss === undefined) return NO_EVALUATION;
    return {
      condition: { atMost: GAP_FLOOR_SHARE * (task === 'regression' ? loss ** 2 : loss) },
      from: 'training',
      basis: `what is below ${100 * GAP_FLOOR_SHARE} % of the loss on the rows held out matters to nobody`,
    };
  },
};

const labelDrift: TestSource = {
  keys: ({ performance }) => (performance?.labelDrift === undefined ? [] : [{ check: 'label-drift' }]),
  severity: 'low',
  measure: (_, { performance }) => {
    const found = performance?.labelDrift;
    if (found === undefined) return { missing: 'too few labelled days to hold their labels to those of training' };
    const { gap, referenceMean, dayCount } = found;
    return {
      ...measuredOf(gap),
      detail: [
        `labels are ${shortNumber(referenceMean + gap.value)} on average of ${dayCount} days, ${shortNumber(referenceMean)} on the days held out`,
      ],
    };
  },
  automatic: (_, { performance }) => {
    const floor = performance?.labelDrift?.floor;
    if (floor === undefined) return NO_EVALUATION;
    return {
      condition: { atLeast: -floor, atMost: floor },
      from: 'training',
      basis: 'a tenth of a deviation of the labels held out matters to nobody',
    };
  },
};

const labelShare: TestSource = {
  keys: whole('label-share'),
  severity: 'low',
  measure: (_, { labels }) =>
    labels === undefined || labels.rowCount === 0
      ? { missing: 'no labels are known of the window yet' }
      : { measured: labels.mean, detail: [`of ${labels.rowCount} labels`] },
  automatic: (_, { task, declared: { minLabelShare, maxLabelShare } }) =>
    task === 'regression'
      ? { missing: 'nobody declared what the mean of the labels may be' }
      : {
          condition: { atLeast: minLabelShare, atMost: maxLabelShare },
          from: 'declared',
          basis: 'checks.minLabelShare and checks.maxLabelShare, which training data must meet too',
        },
};

export const QUALITY_TESTS = {
  'label-share': labelShare,
  'label-drift': labelDrift,
  quality,
  'concept-drift': concept,
  'quality-decay': decay,
  overfit,
  'estimated-quality': estimated,
} satisfies Partial<Record<TestCheck, TestSource>>;
