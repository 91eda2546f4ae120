import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { parseStatistic, type StatisticSet } from './aggregate.ts';
import {
  checkMetricQueries,
  type MetricQuery,
  readDimensions,
  readMetricQuery,
  readPeriod,
  runMetricQueries,
} from './metric-query.ts';
import type { MetricIdentity, MetricStore, Series } from './metric-store.ts';

const FRAME = { code: 'InvalidParameterValue' };
const MAX_DATA = 1_000;
/** Of a PutMetricData, uncompressed. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_PUT_BYTES = 1024 * 1024;
const MAX_QUERIES = 500;
const MAX_RESULT_POINTS = 100_800;
const MAX_VALUES = 150;
const MAX_DATAPOINTS = 1_440;
const LIST_PAGE = 500;

const readNumbers = (fields: Fields, name: string): readonly number[] | undefined => {
  const raw = fields.raw(name);
  if (raw === undefined) return undefined;
  const numbers = Array.isArray(raw) ? raw.map(Number) : [];
  if (numbers.length < 1 || numbers.length > MAX_VALUES || !numbers.every(Number.isFinite)) {
    throw fields.refuse(name, `must be a list of 1 to ${MAX_VALUES} finite numbers`);
  }
  return numbers;
};

type SampleBody = { readonly value: number; readonly count: number } | { readonly statisticSet: StatisticSet };

const readBodies = (fields: Fields): readonly SampleBody[] => {
  const value = fields.number('Value');
  const statisticSet = fields.object('StatisticValues', (set) => ({
    count: set.number('SampleCount') ?? 0,
    sum: set.number('Sum') ?? 0,
    min: set.number('Minimum') ?? 0,
    max: set.number('Maximum') ?? 0,
  }));
  const values = readNumbers(fields, 'Values');
  const counts = readNumbers(fields, 'Counts');
  if ([value, statisticSet, values].filter((one) => one !== undefined).length !== 1) {
    throw fields.refuse('Value', 'or Values or StatisticValues is required, and one of them only');
  }
  if (counts !== undefined && counts.length !== values?.length) {
    throw fields.refuse('Counts', 'must be as long as Values');
  }
  if (statisticSet !== undefined) return statisticSet.count > 0 ? [{ statisticSet }] : [];
  if (value !== undefined) return [{ value, count: 1 }];
  return (values ?? []).map((one, index) => ({ value: one, count: counts?.[index] ?? 1 }));
};

const readDatum = (fields: Fields, nowMs: number) => {
  const datum = {
    name: fields.requiredText('MetricName'),
    dimensions: readDimensions(fields),
    unit: fields.text('Unit') ?? 'None',
    atMs: fields.instant('Timestamp') ?? nowMs,
    bodies: readBodies(fields),
  };
  fields.integer('StorageResolution', { min: 60, max: 60 });
  if (datum.atMs < nowMs - 14 * DAY_MS || datum.atMs > nowMs + 2 * HOUR_MS) {
    throw fields.refuse(
      'Timestamp',
      `must be within two weeks in the past and two hours in the future of ${new Date(nowMs).toISOString()}`,
    );
  }
  return datum;
};

const putMetricData =
  ({ clock }: ServiceContext, store: MetricStore, touch: (metric: MetricIdentity) => void): JsonOperation =>
  async (input, request) => {
    const { namespace, data } = readFields(input, FRAME, (fields) => ({
      namespace: fields.requiredText('Namespace'),
      data: fields.list('MetricData', (one) => readDatum(one, clock.nowMs())) ?? [],
    }));
    const bytes = (await request.readBody()).length;
    if (bytes > MAX_PUT_BYTES) {
      throw new AwsError(
        'RequestEntityTooLarge',
        `the request has ${bytes} bytes, at most ${MAX_PUT_BYTES} are allowed`,
        413,
      );
    }
    if (namespace.startsWith('AWS/')) {
      throw new AwsError('InvalidParameterValue', `The value ${namespace} for parameter Namespace is invalid.`);
    }
    if (data.length > MAX_DATA)
      throw new AwsError('InvalidParameterValue', `MetricData must have at most ${MAX_DATA} items`);
    for (const { bodies, ...datum } of data) {
      for (const body of bodies) store.put({ namespace, ...datum, ...body });
      touch({ namespace, ...datum });
    }
    store.flush();
  };

const getMetricData =
  (store: MetricStore): JsonOperation =>
  (input) => {
    const { queries, startMs, endMs, scanBy, max, token } = readFields(
      input,
      { code: 'ValidationError' },
      (fields) => ({
        queries: fields.list('MetricDataQueries', readMetricQuery) ?? [],
        startMs: fields.instant('StartTime'),
        endMs: fields.instant('EndTime'),
        scanBy: fields.choice('ScanBy', ['TimestampDescending', 'TimestampAscending']),
        max: fields.integer('MaxDatapoints', { min: 1, max: MAX_RESULT_POINTS }) ?? MAX_RESULT_POINTS,
        token: fields.text('NextToken'),
      }),
    );
    if (startMs === undefined || endMs === undefined || startMs >= endMs) {
      throw new AwsError('ValidationError', 'StartTime must be less than EndTime.');
    }
    if (queries.length > MAX_QUERIES) {
      throw new AwsError(
        'ValidationError',
        `MetricDataQueries must have at most ${MAX_QUERIES} items, got ${queries.length}`,
      );
    }
    checkMetricQueries(queries);
    const answers = runMetricQueries(store, queries, { startMs, endMs });
    const results = queries.filter(({ returnData }) => returnData).map((query) => shownResult(query, answers, scanBy));
    return onePage(results, { from: positionOf(token), size: max });
  };

const positionOf = (token: string | undefined): number => {
  const position = Number(token ?? '0');
  if (!Number.isInteger(position) || position < 0)
    throw new AwsError('InvalidNextToken', `NextToken is invalid: ${token}`);
  return position;
};

/** So many data points of all results together, counted through; a result that goes on is partial. */
const onePage = (
  results: readonly ReturnType<typeof shownResult>[],
  { from, size }: { from: number; size: number },
) => {
  const total = results.reduce((sum, { Values }) => sum + Values.length, 0);
  let before = 0;
  const shown = results.flatMap((result) => {
    const start = Math.max(0, from - before);
    const end = Math.min(result.Values.length, from + size - before);
    before += result.Values.length;
    const partial = end < result.Values.length;
    const told = start < end || (result.Values.length === 0 && from === 0);
    return told
      ? [
          {
            ...result,
            Timestamps: result.Timestamps.slice(start, end),
            Values: result.Values.slice(start, end),
            StatusCode: partial ? 'PartialData' : 'Complete',
          },
        ]
      : [];
  });
  return { MetricDataResults: shown, Messages: [], NextToken: from + size < total ? String(from + size) : undefined };
};

const shownResult = (
  { id, label, metricStat }: MetricQuery,
  answers: ReturnType<typeof runMetricQueries>,
  scanBy: 'TimestampDescending' | 'TimestampAscending' | undefined,
) => {
  const points = [...(answers.get(id) ?? [])].sort(([a], [b]) => (scanBy === 'TimestampAscending' ? a - b : b - a));
  return {
    Id: id,
    Label: label ?? metricStat?.name ?? id,
    Timestamps: points.map(([atMs]) => new Date(atMs)),
    Values: points.map(([, value]) => value),
  };
};

interface StatisticsRequest {
  readonly startMs: number;
  readonly endMs: number;
  readonly periodMs: number;
  readonly plain: readonly string[];
  readonly extended: readonly string[];
}

/** Reads a request; what it answers judges it. */
const readStatisticsRequest = (fields: Fields): (() => StatisticsRequest) => {
  const startMs = fields.instant('StartTime');
  const endMs = fields.instant('EndTime');
  const periodMs = (readPeriod(fields) ?? 0) * SECOND_MS;
  const plain = fields.texts('Statistics') ?? [];
  const extended = fields.texts('ExtendedStatistics') ?? [];
  return () => {
    if (startMs === undefined || endMs === undefined || startMs >= endMs || periodMs === 0) {
      throw fields.refuse('StartTime', 'must be before EndTime, and Period be given');
    }
    if ((endMs - startMs) / periodMs > MAX_DATAPOINTS) {
      throw fields.refuse('Period', `is too short: more than ${MAX_DATAPOINTS} data points were asked for`);
    }
    if (plain.length + extended.length === 0) throw fields.refuse('Statistics', 'or ExtendedStatistics is required');
    return { startMs, endMs, periodMs, plain, extended };
  };
};

const shownDatapoints = (store: MetricStore, series: Series, request: StatisticsRequest): readonly unknown[] => {
  const { startMs, endMs, periodMs, plain, extended } = request;
  const points: unknown[] = [];
  for (let atMs = Math.floor(startMs / periodMs) * periodMs; atMs < endMs; atMs += periodMs) {
    const aggregate = store.aggregate(series, atMs, atMs + periodMs);
    if (aggregate === undefined) continue;
    const of = (name: string) => [name, parseStatistic(name)(aggregate)] as const;
    points.push({
      Timestamp: new Date(atMs),
      ...Object.fromEntries(plain.map(of)),
      ...(extended.length > 0 && { ExtendedStatistics: new Map(extended.map(of)) }),
      Unit: series.unit,
    });
  }
  return points;
};

const getMetricStatistics =
  (store: MetricStore): JsonOperation =>
  (input) => {
    const { identity, unit, judge } = readFields(input, FRAME, (fields) => ({
      identity: {
        namespace: fields.requiredText('Namespace'),
        name: fields.requiredText('MetricName'),
        dimensions: readDimensions(fields),
      },
      unit: fields.text('Unit'),
      judge: readStatisticsRequest(fields),
    }));
    const request = judge();
    const series = store.find(identity);
    const matches = series !== undefined && (unit === undefined || unit === series.unit);
    return { Label: identity.name, Datapoints: matches ? shownDatapoints(store, series, request) : [] };
  };

const listMetrics =
  ({ clock }: ServiceContext, store: MetricStore): JsonOperation =>
  (input) => {
    const filter = readFields(input, FRAME, (fields) => ({
      namespace: fields.text('Namespace'),
      name: fields.text('MetricName'),
      dimensions: fields.list('Dimensions', (one) => [one.requiredText('Name'), one.text('Value')] as const) ?? [],
      recent: fields.choice('RecentlyActive', ['PT3H']),
      from: Number(fields.text('NextToken') ?? 0),
    }));
    const found = [...store.all()].filter(
      (series) =>
        (filter.namespace ?? series.namespace) === series.namespace &&
        (filter.name ?? series.name) === series.name &&
        filter.dimensions.every(
          ([key, value]) => key in series.dimensions && (value ?? series.dimensions[key]) === series.dimensions[key],
        ) &&
        (filter.recent === undefined || series.lastAtMs >= clock.nowMs() - 3 * HOUR_MS),
    );
    const end = filter.from + LIST_PAGE;
    return {
      Metrics: found.slice(filter.from, end).map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
      NextToken: end < found.length ? String(end) : undefined,
    };
  };

export const metricOperations = (
  context: ServiceContext,
  store: MetricStore,
  touch: (metric: MetricIdentity) => void,
): Readonly<Record<string, JsonOperation>> => ({
  PutMetricData: putMetricData(context, store, touch),
  GetMetricData: getMetricData(store),
  GetMetricStatistics: getMetricStatistics(store),
  ListMetrics: listMetrics(context, store),
});
