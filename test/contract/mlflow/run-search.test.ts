import { beforeAll, expect, it } from 'vitest';
import { describeMlflow, type MlflowBench } from '../../helpers/mlflow-bench.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

interface Example {
  readonly name: string;
  readonly start: number;
  readonly end?: number;
  readonly status?: string;
  readonly user?: string;
  readonly metrics?: Readonly<Record<string, number | string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly dataset?: { readonly name: string; readonly digest: string; readonly context: string };
}

/** Newest first, as a search without an order lists them. */
const EXAMPLES: readonly Example[] = [
  {
    name: 'ada',
    start: 500,
    end: 900,
    status: 'FINISHED',
    user: 'ann',
    metrics: { loss: 0.1, 'val/loss': 3 },
    params: { lr: '0.1', model: 'Linear' },
    tags: { team: 'Blue', 'has space': 'x' },
    dataset: { name: 'flights', digest: 'aaa', context: 'train' },
  },
  {
    name: 'bob',
    start: 400,
    end: 800,
    status: 'FAILED',
    user: 'ann',
    metrics: { loss: 0.2 },
    params: { lr: '0.01', model: 'linear' },
    tags: { team: 'blue' },
    dataset: { name: 'births', digest: 'bbb', context: 'test' },
  },
  { name: 'cyd', start: 300, user: 'cat', metrics: { loss: 'NaN' }, params: { lr: '0.1' }, tags: { team: 'red' } },
  { name: 'dan', start: 200, user: 'cat' },
];

const entries = (values: Readonly<Record<string, string>> = {}) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const makeRun = async ({ call, run }: MlflowBench, experimentId: string, example: Example): Promise<string> => {
  const { name, start, end, status, user = '', metrics = {}, params, tags, dataset } = example;
  const run_id = await run(experimentId, { run_name: name, start_time: start, user_id: user });
  await call('POST', '2.0/mlflow/runs/log-batch', {
    run_id,
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
    params: entries(params),
    tags: entries(tags),
  });
  if (status !== undefined) await call('POST', '2.0/mlflow/runs/update', { run_id, status, end_time: end });
  if (dataset !== undefined) {
    const { context, ...identity } = dataset;
    await call('POST', '2.0/mlflow/runs/log-inputs', {
      run_id,
      datasets: [
        {
          dataset: { ...identity, source_type: 'local', source: 's' },
          tags: [{ key: 'mlflow.data.context', value: context }],
        },
      ],
    });
  }
  return run_id;
};

describeMlflow('searching runs', (bench) => {
  let experimentId: string;
  let idOf: Readonly<Record<string, string>>;

  const search = (message: object) =>
    bench().call('POST', '2.0/mlflow/runs/search', { experiment_ids: [experimentId], ...message });
  const names = async (message: object): Promise<string> => {
    const { status, body } = await search(message);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body.runs ?? []).map(({ info }: { info: { run_name: string } }) => info.run_name).join(' ');
  };

  /** An experiment with the examples, and their ids. */
  const makeExamples = async () => {
    const made = await bench().experiment();
    const ids: [string, string][] = [];
    for (const example of EXAMPLES) ids.push([example.name, await makeRun(bench(), made, example)]);
    return { experimentId: made, idOf: Object.fromEntries(ids) };
  };

  beforeAll(async () => {
    ({ experimentId, idOf } = await makeExamples());
  });

  it('lists the active runs of the experiments, newest first, whole but for the datasets', async () => {
    const other = await bench().experiment();
    await makeRun(bench(), other, { name: 'eve', start: 450 });

    const { body } = await search({ experiment_ids: [experimentId, other] });

    expect(body).not.toHaveProperty('next_page_token');
    expect(body.runs.map(({ info }: { info: { run_name: string } }) => info.run_name)).toEqual([
      'ada',
      'eve',
      'bob',
      'cyd',
      'dan',
    ]);
    expect(body.runs[0]).toMatchObject({
      info: { run_id: idOf.ada, status: 'FINISHED', end_time: 900 },
      data: { params: expect.arrayContaining([{ key: 'lr', value: '0.1' }]) },
      inputs: { dataset_inputs: [{ dataset: { name: 'flights', digest: 'aaa' } }] },
    });
  });

  it('lists nothing without an experiment and of unknown ones', async () => {
    expect(await search({ experiment_ids: [] })).toEqual({ status: 200, body: {} });
    expect(await search({ experiment_ids: ['999999'] })).toEqual({ status: 200, body: {} });
  });

  it('sees deleted runs as asked', async () => {
    const own = await makeExamples();
    const inView = (view: object) => names({ experiment_ids: [own.experimentId], ...view });

    await bench().call('POST', '2.0/mlflow/runs/delete', { run_id: own.idOf.bob });

    expect(await inView({})).toBe('ada cyd dan');
    expect(await inView({ run_view_type: 'ACTIVE_ONLY' })).toBe('ada cyd dan');
    expect(await inView({ run_view_type: 'DELETED_ONLY' })).toBe('bob');
    expect(await inView({ run_view_type: 'ALL' })).toBe('ada bob cyd dan');
    expect(await inView({ run_view_type: 3 })).toBe('ada bob cyd dan');
  });

  it.each([
    ['', 'ada bob cyd dan'],
    ['metrics.loss = 0.1', 'ada'],
    ['metrics.loss != 0.1', 'bob'],
    ['metrics.loss > 0.1', 'bob'],
    ['metrics.loss >= 0.1', 'ada bob'],
    ['metric.loss < 0.2', 'ada'],
    ['metrics.loss <= 0.2', 'ada bob'],
    ['metrics.loss > -1e10', 'ada bob'],
    ['metrics.`val/loss` = 3', 'ada'],
    ['metrics."val/loss" > 2', 'ada'],
    ["params.lr = '0.1'", 'ada cyd'],
    ['param.lr = "0.1"', 'ada cyd'],
    ["parameter.lr != '0.1'", 'bob'],
    ["parameters.model LIKE 'lin%'", 'bob'],
    ["params.model LIKE 'Li_ear'", 'ada'],
    ["params.model ILIKE 'LIN%'", 'ada bob'],
    ["tags.team = 'blue'", 'bob'],
    ["tag.team != 'blue'", 'ada cyd'],
    ["tags.team LIKE '%lu%'", 'ada bob'],
    ["tags.team ilike 'BLUE'", 'ada bob'],
    ["tags.`has space` = 'x'", 'ada'],
    ["attributes.status = 'FINISHED'", 'ada'],
    ["status != 'RUNNING'", 'ada bob'],
    ["attribute.run_name = 'bob'", 'bob'],
    ["attr.run_name LIKE '%a%'", 'ada dan'],
    ["run.run_name ILIKE 'A%'", 'ada'],
    ["attributes.`run name` = 'cyd'", 'cyd'],
    ["attributes.`Run Name` = 'cyd'", 'cyd'],
    ["user_id = 'ann'", 'ada bob'],
    ["attributes.user_id != 'ann'", 'cyd dan'],
    ["attributes.artifact_uri LIKE '%/artifacts'", 'ada bob cyd dan'],
    ['attributes.start_time = 300', 'cyd'],
    ['start_time > 300', 'ada bob'],
    ['attributes.created >= 300', 'ada bob cyd'],
    ['attributes.start_time < 300', 'dan'],
    ['attributes.start_time <= 300', 'cyd dan'],
    ['attributes.start_time != 300', 'ada bob dan'],
    ['attributes.end_time > 800', 'ada'],
    ['attributes.end_time <= 900', 'ada bob'],
    ["dataset.name = 'flights'", 'ada'],
    ["datasets.name LIKE 'b%'", 'bob'],
    ["dataset.name ILIKE 'FLIGHTS'", 'ada'],
    ["dataset.digest IN ('aaa', 'bbb')", 'ada bob'],
    ["dataset.context = 'train'", 'ada'],
    ["dataset.context NOT IN ('train')", 'bob'],
    ["params.lr = '0.1' AND metrics.loss < 1", 'ada'],
    ["params.lr = '0.1' and tags.team = 'red'", 'cyd'],
    ["metrics.loss > 0.05 AND metrics.loss < 0.15 AND params.model = 'Linear'", 'ada'],
    ['metrics.none > 0', ''],
    ["params.none != 'x'", ''],
  ])('finds by %s', async (filter, expected) => {
    expect(await names({ filter })).toBe(expected);
  });

  it('finds by the ids of runs', async () => {
    const { ada, bob, cyd } = idOf;

    expect(await names({ filter: `attributes.run_id = '${bob}'` })).toBe('bob');
    expect(await names({ filter: `run_id != '${bob}'` })).toBe('ada cyd dan');
    expect(await names({ filter: `attributes.run_id IN ('${ada}', '${cyd}')` })).toBe('ada cyd');
    expect(await names({ filter: `attributes.run_id NOT IN ('${ada}', '${cyd}')` })).toBe('bob dan');
    // Lists lose what is not all lower case, as in MLflow.
    expect(await names({ filter: `attributes.run_id IN ('${ada}', 'A${bob}')` })).toBe('ada');
    expect(await names({ filter: `run_id LIKE '${(ada ?? '').slice(0, 20)}%'` })).toBe('ada');
  });

  it.each([
    ['OR', "params.lr = '1' OR params.lr = '2'"],
    ['brackets', "(params.lr = '1')"],
    ['two statements', "params.lr = '1'; params.lr = '2'"],
    ['an unknown entity', "foo.lr = '1'"],
    ['an unknown attribute', "attributes.colour = 'red'"],
    ['a text compared by order', "params.lr > '1'"],
    ['a metric compared with a text', "metrics.loss = 'low'"],
    ['a param compared with a number', 'params.lr = 1'],
    ['a metric by LIKE', "metrics.loss LIKE '1%'"],
    ['no value', 'metrics.loss >'],
    ['no comparator', 'metrics.loss'],
    ['an empty list', 'attributes.run_id IN ()'],
    ['a list for a param', "params.lr IN ('1')"],
    ['numbers in a list', 'attributes.run_id IN (1, 2)'],
    ['AND at its end', "params.lr = '1' AND"],
  ])('refuses a filter with %s', async (_, filter) => {
    expect(await search({ filter })).toMatchObject(INVALID);
  });

  it.each([
    [['metrics.loss ASC'], 'ada bob cyd dan'],
    [['metrics.loss DESC'], 'bob ada cyd dan'],
    [['metrics.loss'], 'ada bob cyd dan'],
    [['params.lr'], 'bob ada cyd dan'],
    [['params.lr DESC'], 'ada cyd bob dan'],
    [['tags.team ASC'], 'ada bob cyd dan'],
    [['tags.team DESC'], 'cyd bob ada dan'],
    [['attributes.start_time ASC'], 'dan cyd bob ada'],
    [['start_time desc'], 'ada bob cyd dan'],
    [['attributes.end_time ASC'], 'bob ada cyd dan'],
    [['attributes.end_time DESC'], 'ada bob cyd dan'],
    [['attributes.status'], 'bob ada cyd dan'],
    [['attributes.run_name DESC'], 'dan cyd bob ada'],
    [['attributes.user_id DESC', 'attributes.start_time ASC'], 'dan cyd bob ada'],
    [['metrics.`val/loss`'], 'ada bob cyd dan'],
  ])('orders by %j', async (order_by, expected) => {
    expect(await names({ order_by })).toBe(expected);
  });

  it.each([
    ['a third word', ['metrics.loss DESC NOW']],
    ['another direction', ['metrics.loss UP']],
    ['an unknown key', ['attributes.colour']],
    ['a field named twice', ['metrics.loss', 'metrics.loss DESC']],
  ])('refuses an order with %s', async (_, order_by) => {
    expect((await search({ order_by })).status).toBe(400);
  });

  it.each([[{}], [{ order_by: ['metrics.loss DESC'] }], [{ filter: "user_id LIKE '%'", order_by: ['params.lr'] }]])(
    'pages through %j, each run once',
    async (message) => {
      const whole = await names(message);
      const pages: string[] = [];
      let token: string | undefined;
      for (;;) {
        const { body } = await search({ ...message, max_results: 3, ...(token && { page_token: token }) });
        expect(body.runs.length).toBeLessThanOrEqual(3);
        pages.push(...body.runs.map(({ info }: { info: { run_name: string } }) => info.run_name));
        token = body.next_page_token;
        if (token === undefined) break;
      }

      expect(pages.join(' ')).toBe(whole);
    },
  );

  it('orders runs of one start time by id', async () => {
    const { experiment, run } = bench();
    const same = await experiment();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push(await run(same, { start_time: 1 }));

    const first = await search({ experiment_ids: [same], max_results: 3 });
    const second = await search({ experiment_ids: [same], max_results: 3, page_token: first.body.next_page_token });

    const found = [...first.body.runs, ...second.body.runs].map(({ info }) => info.run_id);
    expect(found).toEqual(ids.sort());
  });

  it.each([
    [{ max_results: 50_001 }, "Invalid value 50001 for parameter 'max_results' supplied"],
    [{ max_results: 0 }, "Invalid value 0 for parameter 'max_results' supplied"],
    [{ max_results: -1 }, "Invalid value -1 for parameter 'max_results' supplied"],
    [{ max_results: 'x' }, 'Invalid value "x" for parameter \'max_results\' supplied'],
    [{ filter: 3 }, "Invalid value 3 for parameter 'filter' supplied"],
    [{ page_token: 'junk' }, 'Invalid page token'],
  ])('refuses %j', async (message, text) => {
    expect(await search(message)).toMatchObject({
      ...INVALID,
      body: { ...INVALID.body, message: expect.stringContaining(text) },
    });
  });

  it('finds what was written just before', async () => {
    const { call } = bench();
    const own = await makeExamples();
    const [first, second] = [own.idOf.dan, own.idOf.cyd];
    const find = (filter: string) => names({ experiment_ids: [own.experimentId], filter });

    for (const value of [5, 6, 7]) {
      await call('POST', '2.0/mlflow/runs/log-metric', {
        run_id: first,
        key: 'n',
        value,
        timestamp: value,
        step: value,
      });
      expect(await find(`metrics.n = ${value}`)).toBe('dan');
      expect(await find(`metrics.n = ${value - 1}`)).toBe('');
      await call('POST', '2.0/mlflow/runs/set-tag', { run_id: second, key: 'n', value: `${value}` });
      expect(await find(`tags.n = '${value}'`)).toBe('cyd');
    }
  });
});
