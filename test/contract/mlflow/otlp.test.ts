import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hex,
  JSON_TYPE,
  location,
  openTraces,
  otlp,
  search,
  span,
  spilledObjects,
  type TraceBench,
  traceId,
} from '../../helpers/trace-bench.ts';
import { startTrackingTable, type TrackingTable } from '../../helpers/tracking-table.ts';
import recorded from '../../reference/otlp/bodies.json' with { type: 'json' };

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const open = (workspace: string, client = table.client): TraceBench => openTraces(table, workspace, client);

describe('spans that clients send', () => {
  it('are kept as they were recorded from real clients, and found again', async () => {
    const { call, send } = open('recorded');

    for (const { body, contentType, contentEncoding } of recorded.bodies) {
      const answer = await send(Buffer.from(body, 'base64'), {
        'content-type': contentType,
        'content-encoding': contentEncoding,
      });
      expect(answer).toEqual({ status: 200, type: 'application/x-protobuf', body: Buffer.alloc(0) });
    }

    const byClient = `tr-${recorded.bodies[0]?.spans[0]?.traceId}`;
    const { body } = await call('GET', '3.0/mlflow/traces/get', { trace_id: byClient });
    expect(body.trace.trace_info).toMatchObject({
      trace_location: location('1'),
      state: 'OK',
      request_preview: '{"question": "hello"}',
      tags: { 'mlflow.traceName': 'outer', 'mlflow.trace.spansLocation': 'TRACKING_STORE' },
    });
    expect(body.trace.spans.map(({ name }: { name: string }) => name)).toEqual(['outer', 'middle', 'inner']);
    expect(body.trace.spans[0]).toMatchObject({
      trace_id: Buffer.from(byClient.slice(3), 'hex').toString('base64'),
      start_time_unix_nano: recorded.bodies[2]?.spans[0]?.startTimeUnixNano,
      status: { code: 'STATUS_CODE_OK' },
    });
    const { body: found } = await search(call, { filter: "trace.status = 'ERROR'" });
    expect(found).toEqual({});
    expect((await search(call)).body.traces).toHaveLength(4);
  });

  it('make the same trace in any order, in parts and sent again', async () => {
    const spans = [1, 2, 3, 4].map((id) => span(1, id, id === 1 ? {} : { parentSpanId: hex(1, 16) }));
    const parts = [[spans[2], spans[3]], [spans[0]], [spans[1], spans[2]]] as const;
    const answers: unknown[] = [];
    for (const [workspace, order] of [
      ['order-a', [0, 1, 2]],
      ['order-b', [2, 1, 1, 0, 2]],
    ] as const) {
      const { call, send } = open(workspace);
      for (const index of order) await send(otlp(...parts[index].filter((one) => one !== undefined)), JSON_TYPE);
      const one = await call('GET', '3.0/mlflow/traces/get', { trace_id: traceId(1) });
      answers.push([one.body, (await search(call)).body]);
    }

    expect(answers[0]).toEqual(answers[1]);
    expect(JSON.stringify(answers[0])).toContain('"execution_duration":"1.003s"');
  });

  it('of many senders of one trace at once are all kept and all counted', async () => {
    const { call, send } = open('crowd');
    const attributes = ['input', 'output'].map((side) => ({
      key: `gen_ai.usage.${side}_tokens`,
      value: { intValue: 1 },
    }));

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const parent = i === 0 ? {} : { parentSpanId: hex(1, 16) };
        return send(otlp(span(5, i + 1, { ...parent, attributes })), JSON_TYPE);
      }),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { body } = await call('GET', '3.0/mlflow/traces/get', { trace_id: traceId(5) });
    expect(body.trace.spans).toHaveLength(12);
    const { traces } = (await search(call)).body;
    expect(traces).toEqual([body.trace.trace_info]);
    expect(traces[0]).toMatchObject({
      execution_duration: '1.011s',
      trace_metadata: {
        'mlflow.trace.tokenUsage': '{"input_tokens": 12, "output_tokens": 12, "total_tokens": 24}',
      },
    });
  });

  it('that are too large for an item lie in the bucket, and go with the trace', async () => {
    const { call, send } = open('large');
    const noise = randomBytes(450_000).toString('base64');

    await send(gzipSync(otlp(span(6, 1, { attributes: [{ key: 'noise', value: { stringValue: noise } }] }))), {
      ...JSON_TYPE,
      'content-encoding': 'gzip',
    });

    const spilled = () => [...spilledObjects.keys()].filter((key) => key.startsWith('tracking/large/spans/'));
    expect(spilled()).toHaveLength(1);
    const { body } = await call('GET', '3.0/mlflow/traces/batchGet', { trace_ids: [traceId(6)] });
    expect(body.traces[0].spans[0].attributes).toEqual([{ key: 'noise', value: { string_value: noise } }]);
    await call('POST', '3.0/mlflow/traces/delete-traces', { experiment_id: '1', request_ids: [traceId(6)] });
    expect(spilled()).toEqual([]);
  });

  it('without ids are rejected alone, which the answer says in its encoding', async () => {
    const { send } = open('partial');
    const { spans } = JSON.parse(otlp(span(7, 1), { name: 'nameless' })).resourceSpans[0].scopeSpans[0];

    const json = await send(otlp(...spans), JSON_TYPE);
    const protobuf = await send(Buffer.from('0a0612041202' + '2a00', 'hex'));

    expect(JSON.parse(json.body.toString()).partialSuccess.rejectedSpans).toBe('1');
    expect(protobuf.status).toBe(200);
    expect(protobuf.body.subarray(2, 4)).toEqual(Buffer.from([0x08, 0x01]));
  });

  it.each([
    ['junk', {}, /not a protobuf message/],
    ['{', JSON_TYPE, /not JSON/],
    ['', { 'content-type': 'text/plain' }, /Invalid Content-Type: text\/plain/],
    ['', { 'x-mlflow-experiment-id': '' }, /x-mlflow-experiment-id must name/],
    ['', { 'content-encoding': 'br' }, /must be gzip or deflate, got br/],
    ['x', { 'content-encoding': 'gzip' }, /the body is not gzip/],
    [otlp(span(8, 1)), { ...JSON_TYPE, 'x-mlflow-experiment-id': '3' }, /must be in the 'active' state/],
  ])('are refused with 400: %j %j', async (body, headers, message) => {
    const answer = await open('refused').send(body, headers as Record<string, string>);

    expect(answer.status).toBe(400);
    expect(answer.body.toString()).toMatch(message);
  });

  it('are refused when a few bytes unpack to very many', async () => {
    const bomb = gzipSync(Buffer.alloc(40_000_000));

    expect((await open('bomb').send(bomb, { 'content-encoding': 'gzip' })).status).toBe(400);
  });
});
