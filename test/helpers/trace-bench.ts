import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { WorkspacePorts } from '../../functions/tracking-api/deps.ts';
import { createMlflowApi } from '../../functions/tracking-api/mlflow-api.ts';
import { otlpRoutes } from '../../functions/tracking-api/otlp-routes.ts';
import { traceRoutes } from '../../functions/tracking-api/trace-routes.ts';
import { createTraceStore } from '../../shared/adapters/dynamodb/traces/trace-store.ts';
import { traceEntryOf } from '../../shared/core/traces/index.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { callRoutes, type MlflowCaller } from './mlflow-call.ts';
import type { TrackingTable } from './tracking-table.ts';

/** What spilled to the bucket, by key. */
export const spilledObjects = new Map<string, Uint8Array>();

/** Experiments 1 and 2 are active, 3 is deleted. */
const tracking = {
  getExperiment: async (experimentId: string) => {
    if (!['1', '2', '3'].includes(experimentId)) throw Object.assign(new Error('none'), { name: 'NotFoundError' });
    return {
      experimentId,
      artifactLocation: `mlflow-artifacts:/${experimentId}`,
      lifecycleStage: experimentId === '3' ? 'deleted' : 'active',
    };
  },
  index: { readRuns: async ([runId]: readonly string[]) => (runId === 'known' ? [{ info: { runId } }] : []) },
} as unknown as TrackingStore;

export interface TraceBench {
  readonly call: MlflowCaller;
  readonly send: (
    body: Uint8Array | string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{
    readonly status: number;
    readonly type: string | undefined;
    readonly body: Buffer;
  }>;
}

/** The traces of a workspace on the embedded DynamoDB, as clients reach them. */
export const openTraces = (
  table: TrackingTable,
  workspace: string,
  client: DynamoDBClient = table.client,
): TraceBench => {
  const traces = createTraceStore({
    client,
    table: table.table,
    workspace,
    entryOf: traceEntryOf,
    objects: {
      get: async (key) => {
        const body = spilledObjects.get(key);
        if (body === undefined) throw new Error(`no object ${key}`);
        return body;
      },
      putIfAbsent: async (key, body) => spilledObjects.size < spilledObjects.set(key, body).size,
      delete: async (key) => {
        spilledObjects.delete(key);
      },
    },
  });
  const ports = { tracking, traces } as unknown as WorkspacePorts;
  const api = createMlflowApi(
    { portsOf: () => ports, clock: { nowMs: () => 1_700_000_000_000 }, newId: () => randomBytes(16).toString('hex') },
    otlpRoutes,
  );
  return {
    call: callRoutes(traceRoutes, ports),
    send: async (body, headers = {}) => {
      const answer = await api(
        {
          method: 'POST',
          path: '/v1/traces',
          query: {},
          queryLists: {},
          headers: { 'x-mlflow-experiment-id': '1', 'content-type': 'application/x-protobuf', ...headers },
          body: Buffer.from(body as Uint8Array),
          principal: 'ann',
          authorizer: { role: 'write', workspaces: '*' },
          requestId: 'r',
        },
        () => 29_000,
      );
      return { status: answer.status, type: answer.headers['content-type'], body: Buffer.from(answer.body as string) };
    },
  };
};

export const JSON_TYPE = { 'content-type': 'application/json' };
export const hex = (count: number, digits: number): string => count.toString(16).padStart(digits, '0');
const traceHex = (count: number): string => `a${hex(count, 31)}`;

export const otlp = (...spans: readonly object[]): string =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
export const span = (trace: number, id: number, more: object = {}): object => ({
  traceId: traceHex(trace),
  spanId: hex(id, 16),
  name: `span ${id}`,
  startTimeUnixNano: `${1_000 + id}000000`,
  endTimeUnixNano: `${2_000 + id}000000`,
  status: { code: 1 },
  ...more,
});
export const traceId = (trace: number): string => `tr-${traceHex(trace)}`;

export const location = (experimentId: string) => ({
  type: 'MLFLOW_EXPERIMENT',
  mlflow_experiment: { experiment_id: experimentId },
});
export const info = (trace: number, more: object = {}) => ({
  trace: {
    trace_info: {
      trace_id: traceId(trace),
      trace_location: location('1'),
      request_time: '2024-01-01T00:00:00.500Z',
      execution_duration: '1.2345s',
      state: 'OK',
      trace_metadata: { 'mlflow.sourceRun': 'r1' },
      tags: { 'mlflow.traceName': 'named' },
      ...more,
    },
  },
});
export const search = (call: MlflowCaller, more: object = {}) =>
  call('POST', '3.0/mlflow/traces/search', { locations: [location('1'), location('2')], ...more });
export const idsOf = ({ body }: { body: { traces?: readonly { trace_id: string }[] } }): readonly string[] =>
  (body.traces ?? []).map((trace) => trace.trace_id);
