import { expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const params = (count: number) => many(count, (index) => ({ key: `p${index}`, value: 'v' }));
const metrics = (count: number) => many(count, (index) => ({ key: 'm', value: index, timestamp: 1, step: index }));
const metric = { key: 'm', value: 1.5, timestamp: 789, step: 3 };

describeMlflow('log-batch', (bench) => {
  it('stores metrics, params and tags together', async () => {
    const { call, run, read } = bench();
    const runId = await run(undefined, { run_name: 'n' });

    const answer = await call('POST', '2.0/mlflow/runs/log-batch', {
      run_id: runId,
      metrics: [metric],
      params: [{ key: 'p', value: 'v' }, { key: 'empty' }],
      tags: [{ key: 't', value: 'v' }, { key: 'none' }],
    });

    expect(answer).toEqual({ status: 200, body: {} });
    const { data } = await read(runId);
    expect(data.metrics).toEqual([metric]);
    expect(data.params).toEqual(
      expect.arrayContaining([
        { key: 'p', value: 'v' },
        { key: 'empty', value: '' },
      ]),
    );
    expect(data.tags).toEqual(
      expect.arrayContaining([
        { key: 'mlflow.runName', value: 'n' },
        { key: 't', value: 'v' },
        { key: 'none', value: '' },
      ]),
    );
  });

  it('stores the same batch again without a change', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const batch = { run_id: runId, metrics: metrics(5), params: params(3), tags: [{ key: 't', value: 'v' }] };

    await call('POST', '2.0/mlflow/runs/log-batch', batch);
    const once = await read(runId);
    const again = await call('POST', '2.0/mlflow/runs/log-batch', batch);

    expect(again).toEqual({ status: 200, body: {} });
    expect(await read(runId)).toEqual(once);
    const query = { run_id: runId, metric_key: 'm', max_results: 100 };
    expect((await call('GET', '2.0/mlflow/metrics/get-history', query)).body.metrics).toHaveLength(5);
  });

  it('keeps of several points the latest and all of the history', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await call('POST', '2.0/mlflow/runs/log-batch', { run_id: runId, metrics: metrics(1000).reverse() });

    expect((await read(runId)).data.metrics).toEqual([{ key: 'm', value: 999, timestamp: 1, step: 999 }]);
    const query = { run_id: runId, metric_key: 'm', max_results: 1000 };
    const { body } = await call('GET', '2.0/mlflow/metrics/get-history', query);
    expect(body.metrics).toEqual(metrics(1000));
  });

  it.each([
    ['metrics that are no list', { metrics: 'foo' }, 'Invalid value "foo" for parameter \'metrics\' supplied'],
    ['params that are no list', { params: 'foo' }, 'Invalid value "foo" for parameter \'params\' supplied'],
    ['tags that are no list', { tags: 'foo' }, 'Invalid value "foo" for parameter \'tags\' supplied'],
    [
      'no timestamp',
      { metrics: [{ key: 'm', value: 2.5 }] },
      "Missing value for required parameter 'metrics[0].timestamp'",
    ],
    [
      'no metric key',
      { metrics: [{ value: 1, timestamp: 1 }] },
      "Missing value for required parameter 'metrics[0].key'",
    ],
    [
      'no metric value',
      { metrics: [{ key: 'm', timestamp: 1 }] },
      "Missing value for required parameter 'metrics[0].value'",
    ],
    ['no param key', { params: [{ value: 'v' }] }, "Missing value for required parameter 'params[0].key'"],
    ['no tag key', { tags: [{ value: 'v' }] }, "Missing value for required parameter 'tags[0].key'"],
    [
      'a bad metric key',
      { metrics: [metric, { ...metric, key: '/m' }] },
      'Invalid value "/m" for parameter \'metrics[1].name\'',
    ],
    ['a bad param key', { params: [{ key: '../p', value: 'v' }] }, "for parameter 'params[0].key' supplied"],
    ['a bad tag key', { tags: [{ key: '../t', value: 'v' }] }, "for parameter 'tags[0].key' supplied"],
    [
      'a negative time',
      { metrics: [{ ...metric, timestamp: -1 }] },
      "Invalid value -1 for parameter 'metrics[0].timestamp'",
    ],
    ['1001 metrics', { metrics: metrics(1001) }, 'can contain at most 1000 metrics. Got 1001 metrics.'],
    ['101 params', { params: params(101) }, 'can contain at most 100 params. Got 101 params.'],
    ['101 tags', { tags: params(101) }, 'can contain at most 100 tags. Got 101 tags.'],
    [
      '1001 of all',
      { metrics: metrics(901), params: params(50), tags: params(50) },
      'can contain at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags.',
    ],
    [
      'a param twice',
      {
        params: [
          { key: 'p', value: '3' },
          { key: 'p', value: '3' },
        ],
      },
      "keys have been submitted: ['p']",
    ],
  ])('refuses %s and stores nothing', async (_, wrong, text) => {
    const { call, run, read } = bench();
    const runId = await run();
    const before = await read(runId);

    const answer = await call('POST', '2.0/mlflow/runs/log-batch', {
      run_id: runId,
      params: [{ key: 'sound', value: 'v' }],
      tags: [{ key: 'sound', value: 'v' }],
      ...wrong,
    });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
    expect(await read(runId)).toEqual(before);
  });

  it('refuses a body above 1,000,000 bytes', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const body = JSON.stringify({ run_id: runId, tags: [{ key: 't', value: 'v' }], unknown: 'x'.repeat(1_000_000) });

    const answer = await call('POST', '2.0/mlflow/runs/log-batch', body);

    expect(answer).toMatchObject(INVALID);
    expect(answer.body.message).toBe(
      `Batched logging API requests must be at most 1000000 bytes, got a request of size ${body.length}.`,
    );
    expect((await read(runId)).data.tags).toHaveLength(1);
  });

  it('fails whole where one param has another value already', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    await call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value: '1' });

    const answer = await call('POST', '2.0/mlflow/runs/log-batch', {
      run_id: runId,
      metrics: [metric],
      params: [
        { key: 'new', value: 'v' },
        { key: 'p', value: '2' },
      ],
      tags: [{ key: 't', value: 'v' }],
    });

    expect(answer).toMatchObject(INVALID);
    expect(answer.body.message).toContain('Changing param values is not allowed. Params were already logged=');
    const { data } = await read(runId);
    expect(data.params).toEqual([{ key: 'p', value: '1' }]);
    expect(data).not.toHaveProperty('metrics');
    expect(data.tags).toHaveLength(1);
  });

  it('takes an empty batch and says 404 for an unknown run', async () => {
    const { call, run } = bench();

    expect(await call('POST', '2.0/mlflow/runs/log-batch', { run_id: await run() })).toEqual({ status: 200, body: {} });
    expect(await call('POST', '2.0/mlflow/runs/log-batch', { run_id: 'nobody', params: params(1) })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });
});
