import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hex,
  idsOf,
  info,
  JSON_TYPE,
  location,
  openTraces,
  otlp,
  search,
  span,
  type TraceBench,
  traceId,
} from '../../helpers/trace-bench.ts';
import { startTrackingTable, type TrackingTable } from '../../helpers/tracking-table.ts';

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const open = (workspace: string, client = table.client): TraceBench => openTraces(table, workspace, client);

describe('a trace that a client reports', () => {
  it('is created, reported again and read in both versions of the API', async () => {
    const { call } = open('report');

    const { body: created } = await call('POST', '3.0/mlflow/traces', info(1));
    await call('POST', '3.0/mlflow/traces', info(1, { state: 'ERROR', tags: { colour: 'red' } }));

    expect(created.trace.trace_info).toEqual({
      trace_id: traceId(1),
      trace_location: location('1'),
      request_time: '2024-01-01T00:00:00.500Z',
      execution_duration: '1.234s',
      state: 'OK',
      trace_metadata: { 'mlflow.sourceRun': 'r1' },
      tags: {
        'mlflow.traceName': 'named',
        'mlflow.artifactLocation': `mlflow-artifacts:/1/traces/${traceId(1)}/artifacts`,
      },
    });
    const { body: now } = await call('GET', `3.0/mlflow/traces/${traceId(1)}`);
    expect(now.trace.trace_info).toMatchObject({
      state: 'ERROR',
      tags: { colour: 'red', 'mlflow.traceName': 'named' },
    });
    const { body: v2 } = await call('GET', `2.0/mlflow/traces/${traceId(1)}/info`);
    expect(v2.trace_info).toMatchObject({
      request_id: traceId(1),
      timestamp_ms: 1_704_067_200_500,
      execution_time_ms: 1_234,
      status: 'ERROR',
      request_metadata: [{ key: 'mlflow.sourceRun', value: 'r1' }],
    });
    expect(idsOf(await search(call))).toEqual([traceId(1)]);
  });

  it('moves in the index with its time and experiment', async () => {
    const { call } = open('moves');
    await call('POST', '3.0/mlflow/traces', info(1));
    await call('POST', '3.0/mlflow/traces', info(2, { request_time: '2024-01-02T00:00:00Z' }));

    await call('POST', '3.0/mlflow/traces', info(1, { request_time: '2024-01-03T00:00:00Z' }));
    expect(idsOf(await search(call))).toEqual([traceId(1), traceId(2)]);

    await call('POST', '3.0/mlflow/traces', info(1, { trace_location: location('2') }));
    const inFirst = await call('POST', '3.0/mlflow/traces/search', { locations: [location('1')] });
    expect(idsOf(inFirst)).toEqual([traceId(2)]);
    expect(idsOf(await search(call))).toEqual([traceId(2), traceId(1)]);
  });

  it('is not whole before the spans have come that its client counted', async () => {
    const { call, send } = open('whole');
    const trace_metadata = { 'mlflow.trace.sizeStats': '{"num_spans": 2}' };
    await call('POST', '3.0/mlflow/traces', info(1, { trace_metadata }));
    await send(otlp(span(1, 1)), JSON_TYPE);

    const early = await call('GET', '3.0/mlflow/traces/get', { trace_id: traceId(1) });
    expect(early).toMatchObject({ status: 404, body: { message: expect.stringContaining('not fully exported yet') } });
    expect((await call('GET', '3.0/mlflow/traces/batchGet', { trace_ids: traceId(1) })).body).toEqual({});
    // As Python's clients write it.
    const partial = await call('GET', '3.0/mlflow/traces/get', { trace_id: traceId(1), allow_partial: 'True' });
    expect(partial.body.trace.spans).toHaveLength(1);

    await send(otlp(span(1, 2, { parentSpanId: hex(1, 16) })), JSON_TYPE);
    expect((await call('GET', '3.0/mlflow/traces/get', { trace_id: traceId(1) })).body.trace.spans).toHaveLength(2);
  });

  it('is started and ended by the former endpoints', async () => {
    const { call } = open('former');

    const started = await call('POST', '2.0/mlflow/traces', {
      experiment_id: '1',
      timestamp_ms: '1000',
      request_metadata: [{ key: 'a', value: 'b' }],
    });
    const id = started.body.trace_info.request_id;
    const ended = await call('PATCH', `2.0/mlflow/traces/${id}`, {
      timestamp_ms: 1500,
      status: 'OK',
      tags: [{ key: 't', value: 'u' }],
    });

    expect(started.body.trace_info).toMatchObject({ status: 'IN_PROGRESS', execution_time_ms: 0 });
    expect(id).toMatch(/^tr-[0-9a-f]{32}$/);
    expect(ended.body.trace_info).toMatchObject({ status: 'OK', timestamp_ms: 1000, execution_time_ms: 500 });
    const { body } = await call('GET', '2.0/mlflow/traces', { experiment_ids: ['1'] });
    expect(body.traces).toEqual([ended.body.trace_info]);
  });

  it.each([
    [{}, /Missing value for required parameter 'trace'/],
    [{ trace: {} }, /required parameter 'trace.trace_info'/],
    [info(1, { trace_location: undefined }), /trace_location\.mlflow_experiment\.experiment_id/],
    [info(1, { trace_id: 'a/b' }), /trace_id must be/],
    [info(1, { request_time: 'noon' }), /Invalid value \\"noon\\" for parameter 'request_time'/],
    [info(1, { execution_duration: '1m' }), /Invalid value \\"1m\\" for parameter 'execution_duration'/],
    [info(1, { tags: { a: 1 } }), /for parameter 'trace\.trace_info\.tags'/],
    [info(1, { trace_location: location('3') }), /must be in the 'active' state/],
  ])('is refused with 400: %j', async (message, reason) => {
    const { status, body } = await open('reports-refused').call('POST', '3.0/mlflow/traces', message);

    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(reason);
  });

  it('is refused with 501 when it brings assessments, which would be lost', async () => {
    const { call } = open('assessed');

    expect((await call('POST', '3.0/mlflow/traces', info(1, { assessments: [{ assessment_name: 'a' }] }))).status).toBe(
      501,
    );
    expect((await call('POST', `3.0/mlflow/traces/${traceId(1)}/assessments`, {})).status).toBe(501);
  });
});

describe('tags and links', () => {
  it('are set, searched by and deleted', async () => {
    const { call } = open('tags');
    await call('POST', '3.0/mlflow/traces', info(1));
    const tags = `2.0/mlflow/traces/${traceId(1)}/tags`;

    expect((await call('PATCH', tags, { key: 'colour', value: 'red' })).body).toEqual({});
    expect(idsOf(await search(call, { filter: "tags.colour = 'red'" }))).toEqual([traceId(1)]);
    expect((await call('DELETE', tags, { key: 'colour' })).status).toBe(200);
    expect(await call('DELETE', tags, { key: 'colour' })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    expect((await call('PATCH', tags, {})).status).toBe(400);
    expect((await call('PATCH', '3.0/mlflow/traces/tr-none/tags', { key: 'a' })).status).toBe(404);
  });

  it('lead from a run to its traces', async () => {
    const { call } = open('links');
    await call('POST', '3.0/mlflow/traces', info(1));

    const trace_ids = [traceId(1), 'tr-gone'];
    expect((await call('POST', '2.0/mlflow/traces/link-to-run', { trace_ids, run_id: 'known' })).status).toBe(200);

    expect(idsOf(await search(call, { filter: "attribute.run_id = 'known'" }))).toEqual([traceId(1)]);
    expect(idsOf(await search(call, { filter: "attribute.run_id = 'r1'" }))).toEqual([traceId(1)]);
    expect((await call('POST', '2.0/mlflow/traces/link-to-run', { trace_ids, run_id: 'unknown' })).status).toBe(404);
  });
});

describe('searching and deleting', () => {
  it('pages through every trace once, sees each write at once, and stays apart by workspace', async () => {
    const { call } = open('pages');
    for (let i = 0; i < 7; i += 1) {
      const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 2)).toISOString();
      await call(
        'POST',
        '3.0/mlflow/traces',
        info(i, { request_time: at, trace_location: location(i % 2 ? '1' : '2') }),
      );
    }

    for (const order_by of [[], ['timestamp_ms ASC'], ['name ASC']]) {
      const ids: string[] = [];
      let page_token: string | undefined;
      do {
        const page = await search(call, { max_results: 3, order_by, page_token });
        ids.push(...idsOf(page));
        page_token = page.body.next_page_token;
      } while (page_token !== undefined);
      expect(ids).toHaveLength(7);
      expect(new Set(ids).size).toBe(7);
    }
    expect((await search(open('pages-other').call)).body).toEqual({});
  });

  it('refuses what a search cannot be', async () => {
    const { call } = open('bad-search');

    for (const [wrong, reason] of [
      [{ max_results: 501 }, /Invalid value 501 for parameter 'max_results' supplied/],
      [{ max_results: 0 }, /Invalid value 0 for parameter 'max_results' supplied\. It must be a positive integer/],
      [{ page_token: 'junk' }, /Invalid page token/],
      [{ filter: 'nonsense' }, /./],
      [{ order_by: ['nonsense'] }, /./],
    ] as const) {
      const { status, body } = await search(call, wrong);
      expect(status).toBe(400);
      expect(body.message).toMatch(reason);
    }
    expect((await call('POST', '3.0/mlflow/traces/search', {})).status).toBe(400);
  });

  it('deletes by id or by age, the oldest first, within the experiment', async () => {
    const { call, send } = open('deletes');
    for (let i = 1; i <= 5; i += 1) await send(otlp(span(i, i)), JSON_TYPE);
    const remove = async (message: object) =>
      (await call('POST', '2.0/mlflow/traces/delete-traces', { experiment_id: '1', ...message })).body;

    expect(await remove({ request_ids: [traceId(1), 'tr-none'] })).toEqual({ traces_deleted: 1 });
    expect(await remove({ request_ids: [traceId(1)] })).toEqual({ traces_deleted: 0 });
    expect(await remove({ experiment_id: '2', request_ids: [traceId(2)] })).toEqual({ traces_deleted: 0 });
    expect(await remove({ max_timestamp_millis: 1_004, max_traces: 1 })).toEqual({ traces_deleted: 1 });
    expect(idsOf(await search(call))).toEqual([traceId(5), traceId(4), traceId(3)]);
    expect(await remove({ max_timestamp_millis: 1_004 })).toEqual({ traces_deleted: 2 });
    expect(idsOf(await search(call))).toEqual([traceId(5)]);
    expect((await call('GET', `3.0/mlflow/traces/${traceId(1)}`)).status).toBe(404);
  });

  it.each([
    [{}, /Either `max_timestamp_millis` or `trace_ids`/],
    [{ request_ids: ['a'], max_timestamp_millis: 1 }, /Only one of/],
    [{ request_ids: ['a'], max_traces: 1 }, /can't be specified if `trace_ids`/],
    [{ max_timestamp_millis: 1, max_traces: 0 }, /must be a positive integer, received 0/],
  ])('refuses to delete %j', async (message, reason) => {
    const call = open('delete-refused').call;
    const { status, body } = await call('POST', '3.0/mlflow/traces/delete-traces', { experiment_id: '1', ...message });

    expect(status).toBe(400);
    expect(body.message).toMatch(reason);
  });

  it('finishes a deletion that was cut off half-way', async () => {
    let cut = true;
    const failing = table.watchedClient(async (command, send) => {
      const actions = (command.input as { TransactItems?: readonly object[] }).TransactItems ?? [];
      if (cut && actions.some((action) => 'Delete' in action)) {
        cut = false;
        throw new Error('the connection broke');
      }
      return send();
    });
    const { call, send } = open('cut', failing);
    await send(otlp(span(1, 1)), JSON_TYPE);
    const remove = () =>
      call('POST', '2.0/mlflow/traces/delete-traces', { experiment_id: '1', request_ids: [traceId(1)] });

    expect((await remove()).status).toBe(500);
    expect((await remove()).body).toEqual({ traces_deleted: 1 });
    expect((await search(call)).body).toEqual({});
  });
});
