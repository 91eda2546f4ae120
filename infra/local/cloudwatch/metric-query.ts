import { SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { parseStatistic } from './aggregate.ts';
import { checkMath, evaluateMath, type TimeSeries } from './metric-math.ts';
import type { MetricIdentity, MetricStore } from './metric-store.ts';

/** GetMetricData's queries: metrics and expressions over them, as requests and alarms state them. */

export interface MetricStat extends MetricIdentity {
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly unit?: string | undefined;
}

export interface MetricQuery {
  readonly id: string;
  readonly label?: string | undefined;
  readonly returnData: boolean;
  readonly metricStat?: MetricStat | undefined;
  readonly expression?: string | undefined;
  readonly periodSeconds?: number | undefined;
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export const readDimensions = (fields: Fields): Readonly<Record<string, string>> => {
  const pairs =
    fields.list('Dimensions', (one) => [one.requiredText('Name'), one.requiredText('Value')] as const) ?? [];
  if (pairs.length > 30) throw fields.refuse('Dimensions', 'must have at most 30 items');
  return Object.fromEntries(pairs);
};

/** Seconds; whole minutes only, since high-resolution metrics are not kept here. */
export const readPeriod = (fields: Fields): number | undefined => {
  const period = fields.integer('Period', { min: 1, max: 86_400 * 365 });
  if (period !== undefined && period % 60 !== 0) {
    throw fields.refuse('Period', `must be a multiple of 60 (high resolution is not supported here), got ${period}`);
  }
  return period;
};

const readMetricStat = (fields: Fields): MetricStat => {
  const metric = fields.object('Metric', (one) => ({
    namespace: one.requiredText('Namespace'),
    name: one.requiredText('MetricName'),
    dimensions: readDimensions(one),
  }));
  const unit = fields.text('Unit');
  const statistic = fields.requiredText('Stat');
  const periodSeconds = readPeriod(fields);
  if (metric === undefined) throw fields.refuse('Metric', 'is required');
  if (periodSeconds === undefined) throw fields.refuse('Period', 'is required');
  parseStatistic(statistic);
  return { ...metric, statistic, periodSeconds, unit };
};

export const readMetricQuery = (fields: Fields): MetricQuery => {
  const query: MetricQuery = {
    id: fields.requiredText('Id'),
    label: fields.text('Label'),
    returnData: fields.flag('ReturnData') ?? true,
    metricStat: fields.object('MetricStat', readMetricStat),
    expression: fields.text('Expression'),
    periodSeconds: readPeriod(fields),
  };
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(query.id)) {
    throw fields.refuse('Id', `must start with a lower-case letter and hold letters, digits and _, got ${query.id}`);
  }
  if ((query.metricStat === undefined) === (query.expression === undefined)) {
    throw fields.refuse('Id', `${query.id} must have either MetricStat or Expression`);
  }
  return query;
};

/** The one period of the queries. @throws AwsError ValidationError when they differ or none is stated */
export const commonPeriodSeconds = (queries: readonly MetricQuery[]): number => {
  const periods = new Set(
    queries.flatMap(({ metricStat, periodSeconds }) => metricStat?.periodSeconds ?? periodSeconds ?? []),
  );
  const [period, ...others] = periods;
  if (period === undefined) throw invalid('Period is required for expressions without a metric');
  if (others.length > 0) {
    throw invalid(`metrics joined by an expression must have one period here, got ${[...periods].join(', ')}`);
  }
  return period;
};

/** @throws AwsError ValidationError for doubled ids, unknown ids and unsupported mathematics */
export const checkMetricQueries = (queries: readonly MetricQuery[]): void => {
  const ids = new Set(queries.map(({ id }) => id));
  if (ids.size !== queries.length) throw invalid('ids of metric queries must differ');
  for (const { expression } of queries) if (expression !== undefined) checkMath(expression, ids);
  if (queries.some(({ expression }) => expression !== undefined)) commonPeriodSeconds(queries);
};

export interface Range {
  /** Inclusive; the first period is the one that holds it. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

const periodStarts = ({ startMs, endMs }: Range, periodMs: number): readonly number[] => {
  const starts: number[] = [];
  for (let atMs = Math.floor(startMs / periodMs) * periodMs; atMs < endMs; atMs += periodMs) starts.push(atMs);
  return starts;
};

const MAX_POINTS = 100_800;

const readSeries = (store: MetricStore, stat: MetricStat, starts: readonly number[]): TimeSeries => {
  const series = store.find(stat);
  const points = new Map<number, number>();
  if (series === undefined || (stat.unit !== undefined && stat.unit !== series.unit)) return points;
  const statistic = parseStatistic(stat.statistic);
  for (const atMs of starts) {
    const aggregate = store.aggregate(series, atMs, atMs + stat.periodSeconds * SECOND_MS);
    const value = aggregate === undefined ? undefined : statistic(aggregate);
    if (value !== undefined) points.set(atMs, value);
  }
  return points;
};

/** Answers every query, by id. @throws AwsError ValidationError */
export const runMetricQueries = (
  store: MetricStore,
  queries: readonly MetricQuery[],
  range: Range,
): ReadonlyMap<string, TimeSeries> => {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const done = new Map<string, TimeSeries | number>();
  const startsOf = (periodSeconds: number): readonly number[] => {
    if ((range.endMs - range.startMs) / (periodSeconds * SECOND_MS) > MAX_POINTS) {
      throw invalid(`more than ${MAX_POINTS} data points were asked for`);
    }
    return periodStarts(range, periodSeconds * SECOND_MS);
  };

  const resolve = (id: string, path: readonly string[]): TimeSeries | number => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const query = byId.get(id);
    if (query === undefined || path.includes(id)) throw invalid(`metric query ${id} cannot be resolved`);
    const value = answer(query, [...path, id]);
    done.set(id, value);
    return value;
  };

  const answer = ({ metricStat, expression = '' }: MetricQuery, path: readonly string[]): TimeSeries | number => {
    if (metricStat !== undefined) return readSeries(store, metricStat, startsOf(metricStat.periodSeconds));
    const metrics = queries.filter((query) => query.metricStat !== undefined);
    return evaluateMath(expression, {
      resolve: (id) => resolve(id, path),
      metrics: (filter) =>
        metrics.filter(({ id }) => id.includes(filter)).map(({ id }) => resolve(id, path) as TimeSeries),
      timestamps: startsOf(commonPeriodSeconds(queries)),
    });
  };

  const toSeries = (value: TimeSeries | number): TimeSeries =>
    typeof value === 'number' ? new Map(startsOf(commonPeriodSeconds(queries)).map((atMs) => [atMs, value])) : value;

  return new Map(queries.map(({ id }) => [id, toSeries(resolve(id, []))]));
};
