import { beforeEach, expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

describeMlflow('searching experiments', (bench) => {
  /** Tells the experiments of one test from all others: a tag's value. */
  let group: string;

  const search = (message: object) => {
    const { filter, ...rest } = { max_results: 100, ...message } as { filter?: string };
    const own = `tags.group = '${group}'`;
    return bench().call('POST', '2.0/mlflow/experiments/search', {
      ...rest,
      filter: filter === undefined ? own : `${own} AND ${filter}`,
    });
  };
  const names = async (message: object = {}): Promise<string> =>
    ((await search(message)).body.experiments ?? []).map(({ name }: { name: string }) => name.split(' ')[0]).join(' ');

  beforeEach(async () => {
    const { experiment, unique } = bench();
    group = unique('group');
    for (const [name, tag] of [
      ['a', 'value'],
      ['ab', 'vaLue'],
      ['Abc', undefined],
    ] as const) {
      const tags = [{ key: 'group', value: group }, ...(tag === undefined ? [] : [{ key: 'key', value: tag }])];
      await experiment({ name: unique(name), tags });
      await new Promise((resolve) => setTimeout(resolve, 2)); // so that no two have one creation time
    }
  });

  it('lists the newest first', async () => {
    expect(await names()).toBe('Abc ab a');
  });

  it('knows Default, and answers a GET too', async () => {
    const { body } = await bench().call('GET', '2.0/mlflow/experiments/search', {
      max_results: 5,
      filter: "name = 'Default'",
    });

    expect(body.experiments).toMatchObject([{ experiment_id: '0', name: 'Default' }]);
  });

  it.each([
    ["name LIKE 'a%'", 'ab a'],
    ["name ILIKE 'a%'", 'Abc ab a'],
    ["attribute.name LIKE 'ab%'", 'ab'],
    ["tag.key = 'value'", 'a'],
    ["tags.key != 'value'", 'ab'],
    ["tags.key LIKE '%aL%'", 'ab'],
    ["tags.key ILIKE '%alu%'", 'ab a'],
    ['creation_time > 0', 'Abc ab a'],
    ['creation_time >= 1', 'Abc ab a'],
    ['creation_time < 5', ''],
    ['last_update_time <= 5', ''],
    ['last_update_time = 5', ''],
    ['last_update_time != 5', 'Abc ab a'],
  ])('finds by %s', async (filter, expected) => {
    expect(await names({ filter })).toBe(expected);
  });

  it('finds by the exact name', async () => {
    const { body } = await search({});
    const [{ name }] = body.experiments;

    expect(await names({ filter: `name = '${name}'` })).toBe('Abc');
  });

  it.each([
    [['name'], 'Abc a ab'],
    [['name DESC'], 'ab a Abc'],
    [['creation_time ASC'], 'a ab Abc'],
    [['last_update_time DESC'], 'Abc ab a'],
    [['experiment_id'], 'a ab Abc'],
    [['experiment_id DESC'], 'Abc ab a'],
  ])('orders by %j', async (order_by, expected) => {
    expect(await names({ order_by })).toBe(expected);
  });

  it('orders by the last update', async () => {
    const { body } = await search({ order_by: ['creation_time ASC'] });
    const [{ experiment_id }] = body.experiments;

    await bench().call('POST', '2.0/mlflow/experiments/update', {
      experiment_id,
      new_name: bench().unique('renamed'),
    });

    expect(await names({ order_by: ['last_update_time DESC'] })).toBe('renamed Abc ab');
  });

  it('pages, and leaves the token out at the end', async () => {
    const first = await search({ max_results: 2 });
    const second = await search({ max_results: 2, page_token: first.body.next_page_token });
    const all = await search({ max_results: 3 });

    expect(first.body.experiments).toHaveLength(2);
    expect(second.body.experiments).toHaveLength(1);
    expect([...first.body.experiments, ...second.body.experiments]).toEqual(all.body.experiments);
    expect(second.body).not.toHaveProperty('next_page_token');
    expect(all.body).not.toHaveProperty('next_page_token');
  });

  it('sees deleted ones as asked', async () => {
    const { body } = await search({});
    await bench().call('POST', '2.0/mlflow/experiments/delete', { experiment_id: body.experiments[1].experiment_id });

    expect(await names()).toBe('Abc a');
    expect(await names({ view_type: 'ACTIVE_ONLY' })).toBe('Abc a');
    expect(await names({ view_type: 'DELETED_ONLY' })).toBe('ab');
    expect(await names({ view_type: 'ALL' })).toBe('Abc ab a');
    expect(await names({ view_type: 3 })).toBe('Abc ab a');
  });

  it.each([
    [{}, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer"],
    [{ max_results: 0 }, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer"],
    [{ max_results: 50_001 }, "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000"],
    [{ max_results: 'x' }, 'Invalid value "x" for parameter \'max_results\' supplied'],
    [{ max_results: 5, page_token: 'junk' }, 'Invalid page token'],
    [{ max_results: 5, filter: 3 }, "Invalid value 3 for parameter 'filter' supplied"],
  ])('refuses %j', async (message, text) => {
    const answer = await bench().call('POST', '2.0/mlflow/experiments/search', message);

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it.each([
    ['an order by an unknown key', { order_by: ['colour'] }],
    ['a filter by an unknown key', { filter: "colour = 'red'" }],
    ['OR', { filter: "name = 'a' OR name = 'b'" }],
    ['a name compared by order', { filter: "name > 'a'" }],
    ['a time compared with LIKE', { filter: "creation_time LIKE '1%'" }],
  ])('refuses %s', async (_, message) => {
    expect(await search(message)).toMatchObject(INVALID);
  });
});
