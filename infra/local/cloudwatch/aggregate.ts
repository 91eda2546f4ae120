import { AwsError } from '../contracts.ts';

/** Samples in one stretch of time, and the statistics of them. */

export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export interface Aggregate {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Value → how often; undefined once a statistic set came in, whose single values nobody knows. */
  values: Map<number, number> | undefined;
}

/** Beyond so many distinct values they are kept to three significant digits, which moves a percentile by 0.5 % at most. */
const EXACT_VALUES = 200;

export const emptyAggregate = (): Aggregate => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  values: new Map(),
});

const addValue = (values: Map<number, number>, value: number, count: number): void => {
  const kept = values.size < EXACT_VALUES || values.has(value) ? value : Number(value.toPrecision(3));
  values.set(kept, (values.get(kept) ?? 0) + count);
};

export const addSample = (aggregate: Aggregate, value: number, count: number): void => {
  aggregate.count += count;
  aggregate.sum += value * count;
  aggregate.min = Math.min(aggregate.min, value);
  aggregate.max = Math.max(aggregate.max, value);
  if (aggregate.values !== undefined) addValue(aggregate.values, value, count);
};

export const addStatisticSet = (aggregate: Aggregate, set: StatisticSet): void => {
  if (set.min === set.max) {
    addSample(aggregate, set.min, set.count);
    return;
  }
  mergeAggregate(aggregate, { ...set, values: undefined });
};

export const mergeAggregate = (into: Aggregate, from: Readonly<Aggregate>): void => {
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  if (from.values === undefined) into.values = undefined;
  else if (into.values !== undefined) for (const [value, count] of from.values) addValue(into.values, value, count);
};

export type Statistic = (aggregate: Readonly<Aggregate>) => number | undefined;

const BASIC: Readonly<Record<string, Statistic>> = {
  Average: ({ sum, count }) => (count === 0 ? undefined : sum / count),
  Sum: ({ sum }) => sum,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
  SampleCount: ({ count }) => count,
};

/** The smallest value that at least the share has at or below it. */
const percentile =
  (share: number): Statistic =>
  ({ values, count }) => {
    if (values === undefined) return undefined;
    let seen = 0;
    for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
      seen += times;
      if (seen >= share * count) return value;
    }
    return undefined;
  };

/** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99.9`. @throws AwsError */
export const parseStatistic = (name: string): Statistic => {
  const basic = Object.hasOwn(BASIC, name) ? BASIC[name] : undefined;
  if (basic !== undefined) return basic;
  const percent = Number(/^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name)?.[1]);
  if (percent >= 0 && percent <= 100) return percentile(percent / 100);
  throw new AwsError(
    'InvalidParameterValue',
    `statistic ${name} is not supported here: ${Object.keys(BASIC).join(', ')} and percentiles (p99) are`,
  );
};
