import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ArtifactBench, BENCH_NOW_MS, openArtifactBench } from '../../../helpers/artifact-bench.ts';

const ROOT = '/api/2.0/mlflow/logged-models';

let bench: ArtifactBench;
beforeEach(() => {
  bench = openArtifactBench();
});
const ask: ArtifactBench['ask'] = (method, path, asked) => bench.ask(method, `${ROOT}${path}`, asked);
const create = async (body: object = {}) =>
  (await ask('POST', '', { body: { experiment_id: '1', ...body } })).body.model;
const idOf = async (body: object = {}): Promise<string> => (await create(body)).info.model_id;

describe('a logged model', () => {
  it('is created, finished and read', async () => {
    const model = await create({
      name: 'net',
      model_type: 'agent',
      source_run_id: 'r',
      params: [{ key: 'depth', value: '3' }],
      tags: [{ key: 'team', value: 'x' }],
    });
    const modelId = `m-${'1'.padStart(32, '0')}`;
    const finished = await ask('PATCH', `/${modelId}`, { body: { model_id: modelId, status: 'LOGGED_MODEL_READY' } });

    expect(model).toEqual({
      info: {
        model_id: modelId,
        experiment_id: '1',
        name: 'net',
        creation_timestamp_ms: BENCH_NOW_MS + 1,
        last_updated_timestamp_ms: BENCH_NOW_MS + 1,
        artifact_uri: `mlflow-artifacts:/1/models/${modelId}/artifacts`,
        status: 'LOGGED_MODEL_PENDING',
        model_type: 'agent',
        source_run_id: 'r',
        tags: [{ key: 'team', value: 'x' }],
      },
      data: { params: [{ key: 'depth', value: '3' }] },
    });
    expect(finished.body.model.info).toMatchObject({
      status: 'LOGGED_MODEL_READY',
      last_updated_timestamp_ms: BENCH_NOW_MS + 2,
    });
    expect((await ask('GET', `/${modelId}`)).body).toEqual(finished.body);
  });

  it('needs an experiment that is there and active', async () => {
    expect((await ask('POST', '', { body: {} })).status).toBe(400);
    expect((await ask('POST', '', { body: { experiment_id: '9' } })).status).toBe(404);
    expect((await ask('POST', '', { body: { experiment_id: '2' } })).status).toBe(400);
  });

  it.each([{}, { status: 'LOGGED_MODEL_PENDING' }, { status: 'DONE' }, { status: 7 }])(
    'does not end as %j',
    async (body) => {
      expect((await ask('PATCH', `/${await idOf()}`, { body })).status).toBe(400);
    },
  );

  it('ends by the number of a status too', async () => {
    const answer = await ask('PATCH', `/${await idOf()}`, { body: { status: 3 } });

    expect(answer.body.model.info.status).toBe('LOGGED_MODEL_UPLOAD_FAILED');
  });

  it('takes params once, and tags over and over', async () => {
    const id = await idOf();
    const [param, other] = ['3', '4'].map((value) => ({ params: [{ key: 'depth', value }] }));

    expect((await ask('POST', `/${id}/params`, { body: param ?? {} })).status).toBe(200);
    expect((await ask('POST', `/${id}/params`, { body: param ?? {} })).status).toBe(200);
    expect((await ask('POST', `/${id}/params`, { body: other ?? {} })).status).toBe(400);
    await ask('PATCH', `/${id}/tags`, { body: { tags: [{ key: 'a/b', value: '1' }] } });
    await ask('PATCH', `/${id}/tags`, {
      body: {
        tags: [
          { key: 'a/b', value: '2' },
          { key: 'c', value: '' },
        ],
      },
    });
    expect((await ask('DELETE', `/${id}/tags/c`)).status).toBe(200);
    expect((await ask('DELETE', `/${id}/tags/c`)).status).toBe(404);

    const { model } = (await ask('GET', `/${id}`)).body;
    expect(model.info.tags).toEqual([{ key: 'a/b', value: '2' }]);
    expect(model.data.params).toEqual([{ key: 'depth', value: '3' }]);
    expect((await ask('DELETE', `/${id}/tags/a/b`)).status).toBe(200);
  });

  it('is gone once it is deleted', async () => {
    const id = await idOf();

    expect((await ask('DELETE', `/${id}`, { body: { model_id: id } })).status).toBe(200);

    expect(await ask('GET', `/${id}`)).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    expect((await ask('DELETE', `/${id}`)).status).toBe(404);
    expect((await ask('POST', '/search', { body: { experiment_ids: ['1'] } })).body).toEqual({});
  });

  it('shows metrics and registrations', async () => {
    const id = await idOf();
    const point = { key: 'auc', value: Number.NaN, timestampMs: 5, step: 2, modelId: id, datasetName: 'd' };
    await bench.ports.loggedModels.recordMetrics([point], 'r');
    await bench.ports.loggedModels.recordRegistration(id, { name: 'late', version: '1' }, 9);

    const { model } = (await ask('GET', `/${id}`)).body;
    expect(model.data.metrics).toEqual([
      { key: 'auc', value: 'NaN', timestamp: 5, step: 2, dataset_name: 'd', model_id: id, run_id: 'r' },
    ]);
    expect(model.info.registrations).toEqual([{ name: 'late', version: '1' }]);
  });

  it('has artifacts below its own URI', async () => {
    const id = await idOf();
    await bench.ports.artifacts.put(`1/models/${id}/artifacts/data/MLmodel`, new Uint8Array(3));

    expect((await ask('GET', `/${id}/artifacts/directories`)).body).toEqual({
      root_uri: `mlflow-artifacts:/1/models/${id}/artifacts`,
      files: [{ path: 'data', is_dir: true }],
    });
    const query = { artifact_directory_path: 'data' };
    expect((await ask('GET', `/${id}/artifacts/directories`, { query })).body.files).toEqual([
      { path: 'data/MLmodel', is_dir: false, file_size: 3 },
    ]);
    const file = await ask('GET', `/${id}/artifacts/files`, { query: { artifact_file_path: 'data/MLmodel' } });
    expect([file.status, file.headers.location]).toEqual([302, expect.stringContaining('MLmodel?as=MLmodel')]);
  });
});

describe('a search for logged models', () => {
  const search = async (body: object) => {
    const answer = await ask('POST', '/search', { body: { experiment_ids: ['1'], ...body } });
    const models: readonly { readonly info: { readonly name: string } }[] = answer.body.models ?? [];
    return { ...answer, names: models.map(({ info }) => info.name) };
  };

  it('filters, orders and goes on page by page', async () => {
    for (const name of ['a', 'b', 'c', 'x']) await create({ name, model_type: name === 'x' ? 'other' : 'net' });
    const body = { filter: "model_type = 'net'", order_by: [{ field_name: 'name', ascending: true }], max_results: 2 };

    const first = await search(body);
    const second = await search({ ...body, page_token: first.body.next_page_token });

    expect([first.names, second.names]).toEqual([['a', 'b'], ['c']]);
    expect(second.body.next_page_token).toBeUndefined();
    expect((await search({})).names).toEqual(['x', 'c', 'b', 'a']);
    expect((await search({ experiment_ids: ['7'] })).body).toEqual({});
  });

  it('finds those of a run in the experiments that are asked for, without reading all of them', async () => {
    for (const name of ['a', 'b']) await create({ name, source_run_id: 'r' });
    await create({ name: 'c', source_run_id: 'other' });
    const { loggedModels } = bench.ports;
    const list = vi.spyOn(loggedModels, 'list');
    const filter = "source_run_id = 'r' AND name = 'a'";

    expect((await search({ filter })).names).toEqual(['a']);
    expect((await search({ filter, experiment_ids: ['7'] })).names).toEqual([]);
    expect(list).not.toHaveBeenCalled();
    expect((await search({ filter: "source_run_id != 'r'" })).names).toEqual(['c']);
  });

  it('gives fewer at once when more do not fit through Lambda', async () => {
    const params = [{ key: 'long', value: '"'.repeat(1_500_000) }];
    for (const name of ['a', 'b', 'c']) await create({ name, params });

    const first = await search({});
    const second = await search({ page_token: first.body.next_page_token });

    expect([first.names, second.names]).toEqual([['c'], ['b']]);
  });

  it.each([
    { experiment_ids: [] },
    { filter: 'metrics.a > 1 OR metrics.b > 1' },
    { order_by: [{ field_name: 'params.x' }] },
    { order_by: [{}] },
    { datasets: [{ dataset_digest: '1' }] },
    { max_results: -1 },
    { page_token: 'junk' },
    { experiment_ids: Array.from({ length: 1_001 }, (_, i) => String(i)) },
  ])('is refused: %j', async (body) => {
    expect(await search(body)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });
});
