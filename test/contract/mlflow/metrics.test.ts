import { expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';
import type { MlflowCaller } from '../../helpers/mlflow-call.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const NOT_FOUND = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };

type Point = readonly [timestamp: number, step: number, value: number | string];

const message = (key: string, [timestamp, step, value]: Point): object => ({ key, value, timestamp, step });

const log = async (call: MlflowCaller, runId: string, key: string, points: readonly Point[]): Promise<void> => {
  for (const point of points) {
    await call('POST', '2.0/mlflow/runs/log-metric', { run_id: runId, ...message(key, point) });
  }
};

const history = async (call: MlflowCaller, query: Readonly<Record<string, unknown>>) =>
  (await call('GET', '2.0/mlflow/metrics/get-history', query)).body;

describeMlflow('metrics', (bench) => {
  it('keeps every point of a metric in the order of time and step', async () => {
    const { call, run } = bench();
    const runId = await run();
    const points: Point[] = [
      [1, 2, 10],
      [1, 3, 11],
      [1, 3, 12],
      [2, -3, 12],
    ];

    await log(call, runId, 'm', [...points].reverse());

    const { metrics } = await history(call, { run_id: runId, metric_key: 'm' });
    expect(metrics).toEqual(points.map((point) => message('m', point)));
  });

  it('stores an identical point once', async () => {
    const { call, run } = bench();
    const runId = await run();

    await log(call, runId, 'm', [
      [1, 1, 0.5],
      [1, 1, 0.5],
      [1, 1, 0.25],
    ]);

    const { metrics } = await history(call, { run_id: runId, metric_key: 'm', max_results: 10 });
    expect(metrics).toEqual([message('m', [1, 1, 0.25]), message('m', [1, 1, 0.5])]);
  });

  it('takes as latest the greatest by step, then time, then value, however they arrive', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await log(call, runId, 'step', [
      [1, 9, 1],
      [5, 2, 2],
    ]);
    await log(call, runId, 'time', [
      [7, 1, 1],
      [5, 1, 2],
    ]);
    await log(call, runId, 'value', [
      [5, 1, 3],
      [5, 1, 2],
    ]);

    const { data } = await read(runId);
    expect([...data.metrics].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      message('step', [1, 9, 1]),
      message('time', [7, 1, 1]),
      message('value', [5, 1, 3]),
    ]);
  });

  it('puts a step of 0 where none is given and allows negative ones', async () => {
    const { call, run } = bench();
    const runId = await run();

    await call('POST', '2.0/mlflow/runs/log-metric', { run_id: runId, key: 'm', value: 1, timestamp: 0 });
    await log(call, runId, 'n', [[1, -5, 2]]);

    expect((await history(call, { run_id: runId, metric_key: 'm', max_results: 1 })).metrics).toEqual([
      message('m', [0, 0, 1]),
    ]);
    expect((await history(call, { run_id: runId, metric_key: 'n', max_results: 1 })).metrics).toEqual([
      message('n', [1, -5, 2]),
    ]);
  });

  it('keeps NaN as NaN and infinities as the largest doubles', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await log(call, runId, 'nan', [[1, 0, 'NaN']]);
    await log(call, runId, 'plus', [[1, 0, 'Infinity']]);
    await log(call, runId, 'minus', [[1, 0, '-Infinity']]);
    await log(call, runId, 'text', [[1, 0, '0.5']]);

    const { data } = await read(runId);
    const values = Object.fromEntries(
      data.metrics.map(({ key, value }: { key: string; value: unknown }) => [key, value]),
    );
    expect(values).toEqual({
      nan: 'NaN',
      plus: 1.7976931348623157e308,
      minus: -1.7976931348623157e308,
      text: 0.5,
    });
    expect((await history(call, { run_id: runId, metric_key: 'nan', max_results: 5 })).metrics).toEqual([
      message('nan', [1, 0, 'NaN']),
    ]);
  });

  it('answers an empty history for a metric that was never logged, and 404 for an unknown run', async () => {
    const { call, run } = bench();

    expect(await history(call, { run_id: await run(), metric_key: 'none' })).toEqual({});
    const unknown = await call('GET', '2.0/mlflow/metrics/get-history', { run_id: 'nobody', metric_key: 'm' });
    expect(unknown).toMatchObject(NOT_FOUND);
  });

  it('pages through a history and leaves the token out at its end', async () => {
    const { call, run } = bench();
    const runId = await run();
    const points = Array.from({ length: 10 }, (_, index): Point => [1_000 + index, index, index]);
    await log(call, runId, 'm', points);

    const pages: unknown[][] = [];
    let token: string | undefined;
    do {
      const page = await history(call, {
        run_id: runId,
        metric_key: 'm',
        max_results: 4,
        ...(token === undefined ? {} : { page_token: token }),
      });
      pages.push(page.metrics);
      token = page.next_page_token;
    } while (token !== undefined);

    expect(pages.map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(pages.flat()).toEqual(points.map((point) => message('m', point)));
  });

  it('pages through a history whose batches were logged over one another in time', async () => {
    const { call, run } = bench();
    const runId = await run();
    const BATCHES = 12;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const metrics = Array.from({ length: 1_000 }, (_, index) => message('m', [index, batch, index]));
      await call('POST', '2.0/mlflow/runs/log-batch', { run_id: runId, metrics });
    }

    const { metrics } = await history(call, { run_id: runId, metric_key: 'm', max_results: 100 });

    const expected = Array.from({ length: 100 }, (_, position): Point => {
      const time = Math.floor(position / BATCHES);
      return [time, position % BATCHES, time];
    });
    expect(metrics).toEqual(expected.map((point) => message('m', point)));
  });

  it('ends without an empty page when the last one is full', async () => {
    const { call, run } = bench();
    const runId = await run();
    await log(call, runId, 'm', [
      [1, 1, 1],
      [2, 2, 2],
    ]);

    expect(await history(call, { run_id: runId, metric_key: 'm', max_results: 2 })).not.toHaveProperty(
      'next_page_token',
    );
  });

  it('pages on after a NaN', async () => {
    const { call, run } = bench();
    const runId = await run();
    await log(call, runId, 'm', [
      [1, 1, 'NaN'],
      [1, 1, 2],
    ]);

    const first = await history(call, { run_id: runId, metric_key: 'm', max_results: 1 });
    const second = await history(call, {
      run_id: runId,
      metric_key: 'm',
      max_results: 1,
      page_token: first.next_page_token,
    });

    expect([...first.metrics, ...second.metrics]).toHaveLength(2);
    expect([...first.metrics, ...second.metrics]).toEqual(
      expect.arrayContaining([message('m', [1, 1, 'NaN']), message('m', [1, 1, 2])]),
    );
  });

  it.each(['invalid_token', 'eyJvZmZzZXQiOiAidyJ9', '4pyT'])('refuses the page token %s', async (page_token) => {
    const { call, run } = bench();

    const answer = await call('GET', '2.0/mlflow/metrics/get-history', {
      run_id: await run(),
      metric_key: 'm',
      page_token,
    });

    expect(answer).toMatchObject(INVALID);
  });

  it.each([
    [{ run_id: 31, key: 'm', value: 41, timestamp: 59, step: 26 }, "Invalid value 31 for parameter 'run_id' supplied"],
    [{ key: 31, value: 41, timestamp: 59, step: 26 }, "Invalid value 31 for parameter 'key' supplied"],
    [{ key: 'm', value: 31, timestamp: 59, step: 'foo' }, 'Invalid value "foo" for parameter \'step\' supplied'],
    [{ key: 'm', value: 31, timestamp: 'foo' }, 'Invalid value "foo" for parameter \'timestamp\' supplied'],
    [{ key: 'm', value: 'abc', timestamp: 1 }, 'Invalid value "abc" for parameter \'value\' supplied'],
    [{ run_id: null, key: 'm', value: 31, timestamp: 59 }, "Missing value for required parameter 'run_id'"],
    [{ value: 31, timestamp: 59 }, "Missing value for required parameter 'key'"],
    [{ key: null, value: 31, timestamp: 59 }, "Missing value for required parameter 'key'"],
    [{ key: 'm', timestamp: 59 }, "Missing value for required parameter 'value'"],
    [{ key: 'm', value: 0 }, "Missing value for required parameter 'timestamp'"],
    [{ key: 'm', value: 0, timestamp: -1 }, "Invalid value -1 for parameter 'timestamp' supplied"],
    [{ key: '/m', value: 0, timestamp: 1 }, 'Invalid value "/m" for parameter \'name\' supplied: Names may be treated'],
    [{ key: 'm!', value: 0, timestamp: 1 }, 'Names may only contain alphanumerics'],
    [{ key: 'm'.repeat(251), value: 0, timestamp: 1 }, "'Metric name' exceeds the maximum length of 250 characters"],
  ])('refuses the metric %j', async (wrong, text) => {
    const { call, run } = bench();
    const runId = await run();

    const answer = await call('POST', '2.0/mlflow/runs/log-metric', { run_id: runId, ...wrong });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });
});

describeMlflow('metric histories of several runs', (bench) => {
  const POINTS: readonly Point[] = [
    [1, 2, 10],
    [1, 3, 11],
    [1, 3, 12],
    [2, 3, 12],
  ];
  const bulk = (query: object) => bench().call('GET', 'ajax-api/2.0/mlflow/metrics/get-history-bulk', { ...query });
  const interval = (query: object) =>
    bench().call('GET', 'ajax-api/2.0/mlflow/metrics/get-history-bulk-interval', { ...query });

  it('come by run, then time, step and value, cut at max_results', async () => {
    const { call, run } = bench();
    const runIds = [await run(), await run(), await run()];
    await log(call, runIds[0] ?? '', 'm', POINTS);
    await log(call, runIds[1] ?? '', 'm', POINTS);

    const all = await bulk({ run_id: runIds, metric_key: 'm' });
    const three = await bulk({ run_id: runIds, metric_key: 'm', max_results: 3 });
    const none = await bulk({ run_id: ['nobody'], metric_key: 'm' });

    const expected = [...runIds.slice(0, 2)]
      .sort()
      .flatMap((run_id) => POINTS.map((point) => ({ ...message('m', point), run_id })));
    expect(all.body.metrics).toEqual(expected);
    expect(three.body.metrics).toEqual(expected.slice(0, 3));
    expect(none).toEqual({ status: 200, body: { metrics: [] } });
  });

  it.each([
    ['no run', { metric_key: 'm' }, 'GetMetricHistoryBulk request must specify at least one run_id'],
    ['101 runs', { run_id: Array(101).fill('r'), metric_key: 'm' }, 'request cannot specify more than 100 run_ids'],
    ['no metric', { run_id: ['123'] }, 'GetMetricHistoryBulk request must specify a metric_key'],
  ])('are not listed for %s', async (_, query, text) => {
    expect(await bulk(query)).toMatchObject({
      ...INVALID,
      body: { ...INVALID.body, message: expect.stringContaining(text) },
    });
  });

  it('are sampled by step with the ends of every run', async () => {
    const { call, run } = bench();
    const [first, second] = [await run(), await run()];
    const points = (count: number) => Array.from({ length: count }, (_, step): Point => [1, step, 10]);
    await log(call, first, 'm', points(10));
    await log(call, second, 'm', points(20));
    const stepsOf = ({ body }: { body: { metrics: { step: number }[] } }) => body.metrics.map(({ step }) => step);

    const alone = await interval({ run_ids: [first], metric_key: 'm', max_results: 5 });
    const ranged = await interval({ run_ids: [first], metric_key: 'm', start_step: 0, end_step: 4, max_results: 5 });
    const both = await interval({ run_ids: [first, second], metric_key: 'm', max_results: 5 });

    expect(stepsOf(alone)).toEqual([0, 2, 4, 6, 8, 9]);
    expect(alone.body.metrics[0]).toEqual({ ...message('m', [1, 0, 10]), run_id: first });
    expect(stepsOf(ranged)).toEqual([0, 1, 2, 3, 4]);
    expect(stepsOf(both)).toEqual([0, 4, 8, 9, 0, 4, 8, 9, 12, 16, 19]);
  });

  it('are sampled with every point of a step', async () => {
    const { call, run } = bench();
    const runId = await run();
    await log(call, runId, 'm', [
      [1, 0, 1],
      [2, 0, 1],
      [1, 1, 1],
      [2, 1, 1],
    ]);

    const { body } = await interval({ run_ids: [runId], metric_key: 'm', max_results: 5 });

    expect(body.metrics.map(({ step, timestamp }: { step: number; timestamp: number }) => [step, timestamp])).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
    ]);
  });

  it.each([
    ['no run', { metric_key: 'm' }, "Missing value for required parameter 'run_ids'."],
    ['101 runs', { run_ids: Array(101).fill('r'), metric_key: 'm' }, 'request must specify at most 100 run_ids.'],
    ['no result', { run_ids: ['1'], metric_key: 'm', max_results: 0 }, 'max_results must be between 1 and 2500'],
    ['2501 results', { run_ids: ['1'], metric_key: 'm', max_results: 2501 }, 'must be between 1 and 2500'],
    ['an empty metric', { run_ids: ['1'], metric_key: '' }, "Missing value for required parameter 'metric_key'"],
    ['a range backwards', { run_ids: ['1'], metric_key: 'm', start_step: 1, end_step: 0 }, 'greater than start_step. '],
    ['half a range', { run_ids: ['1'], metric_key: 'm', start_step: 1 }, 'If either start step or end step are'],
  ])('are not sampled for %s', async (_, query, text) => {
    expect(await interval(query)).toMatchObject({
      ...INVALID,
      body: { ...INVALID.body, message: expect.stringContaining(text) },
    });
  });

  it('are not sampled for an unknown run', async () => {
    expect(await interval({ run_ids: ['nobody'], metric_key: 'm' })).toMatchObject(NOT_FOUND);
  });
});
