import { gunzipSync } from 'node:zlib';
import type { CloudPorts, LocalService, ServiceContext, WireHandler, WireRequest, WireResponse } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { createCborHandler } from '../protocols/cbor.ts';
import { createJsonHandler, type JsonOperation } from '../protocols/json.ts';
import { createQueryHandler } from '../protocols/query.ts';
import { cloudWatchAccess } from './access.ts';
import type { AlarmStateValue, MetricAlarmSettings } from './alarm.ts';
import { createAlarmEngine } from './alarm-engine.ts';
import { alarmOperations } from './alarm-operations.ts';
import { createDashboardBook } from './dashboards.ts';
import type { TimeSeries } from './metric-math.ts';
import { metricOperations } from './metric-operations.ts';
import { type MetricStat, type Range, runMetricQueries } from './metric-query.ts';
import { openMetricStore } from './metric-store.ts';
import { cloudWatchResources } from './resources.ts';

export interface CloudWatchService extends LocalService {
  readonly putMetric: CloudPorts['putMetric'];
  /** Alarms that a service of AWS's makes for itself. */
  readonly alarms: {
    put(alarm: MetricAlarmSettings): void;
    delete(name: string): void;
    stateOf(name: string): AlarmStateValue | undefined;
    values(metric: MetricStat, range: Range): TimeSeries;
  };
}

/** JSON on the wire: timestamps are epoch seconds, and a Map is an object. */
const toJsonOutput = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJsonOutput);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toJsonOutput(item)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJsonOutput(item)]));
};

const withJsonOutput = (operations: Readonly<Record<string, JsonOperation>>): Readonly<Record<string, JsonOperation>> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      async (input: Readonly<Record<string, unknown>>, request: WireRequest) =>
        toJsonOutput(await operation(input, request)),
    ]),
  );

/** SDKs compress PutMetricData beyond 10 KiB. */
const uncompressed = (request: WireRequest): WireRequest => {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  return { ...request, readBody: async (limitBytes) => gunzipSync(await request.readBody(limitBytes)) };
};

/** SDKs of services that once spoke the query protocol read the error's code from this header. */
const withQueryError = async (response: WireResponse): Promise<WireResponse> => {
  if (response.status < 400 || typeof response.body !== 'string') return response;
  const code = (JSON.parse(response.body) as { readonly __type?: string }).__type ?? '';
  const side = response.status >= 500 ? 'Receiver' : 'Sender';
  return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${code};${side}` } };
};

/** Answers in whichever protocol the client speaks: SDK v3 JSON 1.0, newer CLIs CBOR, older ones the query protocol. */
const createHandler = (operations: Readonly<Record<string, JsonOperation>>): WireHandler => {
  const json = createJsonHandler({
    targetPrefix: 'GraniteServiceVersion20100801',
    version: '1.0',
    operations: withJsonOutput(operations),
  });
  const cbor = createCborHandler(operations);
  const query = createQueryHandler({ namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/', operations });
  const handle = async (request: WireRequest): Promise<WireResponse> => {
    const plain = uncompressed(request);
    if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return cbor(plain);
    if (request.headers['x-amz-target'] === undefined) return query(plain);
    return withQueryError(await json(plain));
  };
  return Object.assign(handle, { operations: json.operations });
};

/** CloudWatch: metrics, alarms, dashboards. */
export const createCloudWatchService = (context: ServiceContext): CloudWatchService => {
  const store = openMetricStore(context);
  const engine = createAlarmEngine(context, store);
  const dashboards = createDashboardBook(context);
  return {
    signingName: 'monitoring',
    handle: createHandler(
      guardOperations({ access: context.access, service: 'cloudwatch' }, cloudWatchAccess(context), {
        ...metricOperations(context, store, engine.touch),
        ...alarmOperations(engine),
        ...dashboards.operations,
      }),
    ),
    resources: cloudWatchResources(engine, dashboards),
    alarms: {
      put: (alarm) => void engine.put(alarm),
      delete: engine.delete,
      stateOf: (name) => engine.book.find(name)?.state.value,
      values: (metricStat, range) =>
        runMetricQueries(store, [{ id: 'm1', returnData: true, metricStat }], range).get('m1') ?? new Map(),
    },
    putMetric: ({ unit, atMs, ...metric }) => {
      store.put({ ...metric, unit: unit ?? 'None', atMs: atMs ?? context.clock.nowMs() });
      engine.touch(metric);
    },
    start: async () => engine.start(),
    stop: async () => store.close(),
  };
};
