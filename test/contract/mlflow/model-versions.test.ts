import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createModel,
  createVersion,
  invalid,
  MODELS,
  missing,
  open,
  SOURCE,
  SUFFIX,
  unique,
  VERSIONS,
} from '../../helpers/registry-bench.ts';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('model versions', () => {
  it('are counted from 1 and are ready at once', async () => {
    const { call } = open();
    const name = await createModel(call, unique('counted'));

    const versions = [await createVersion(call, name), await createVersion(call, name)];

    expect(versions.map(({ version, status }) => [version, status])).toEqual([
      ['1', 'READY'],
      ['2', 'READY'],
    ]);
    expect(await call('POST', `${VERSIONS}/create`, { name: 'none', source: SOURCE })).toMatchObject(
      missing('Registered Model with name=none not found'),
    );
    expect(await call('POST', `${VERSIONS}/create`, { name })).toMatchObject(
      invalid(`Missing value for required parameter 'source'.${SUFFIX}`),
    );
    expect(await call('GET', `${VERSIONS}/get`, { name, version: '3' })).toMatchObject(
      missing(`Model Version (name=${name}, version=3) not found`),
    );
  });

  it('are described, tagged and deleted, and a deleted number is not given again', async () => {
    const { call } = open();
    const name = await createModel(call, unique('changed'));
    for (let version = 0; version < 2; version += 1) await createVersion(call, name);
    const version = '2';
    const at = { name, version };

    const described = await call('PATCH', `${VERSIONS}/update`, { ...at, description: 'new' });
    await call('POST', `${VERSIONS}/set-tag`, { ...at, key: 'k', value: 'v' });
    await call('POST', `${VERSIONS}/set-tag`, { ...at, key: 'empty' });
    await call('POST', `${VERSIONS}/set-tag`, { ...at, key: 'gone', value: 'v' });
    await call('DELETE', `${VERSIONS}/delete-tag`, { ...at, key: 'gone' });
    const { body } = await call('GET', `${VERSIONS}/get`, at);

    expect(described.body.model_version).toMatchObject({ version, description: 'new' });
    expect(body.model_version.tags).toEqual(
      expect.arrayContaining([
        { key: 'k', value: 'v' },
        { key: 'empty', value: '' },
      ]),
    );
    expect(body.model_version.tags).toHaveLength(2);
    expect(await call('DELETE', `${VERSIONS}/delete`, at)).toEqual({ status: 200, body: {} });
    expect((await call('DELETE', `${VERSIONS}/delete`, at)).status).toBe(404);
    expect((await call('POST', `${VERSIONS}/set-tag`, { ...at, key: 'k', value: 'v' })).status).toBe(404);
    expect((await createVersion(call, name)).version).toBe('3');
  });

  it('move between stages in whatever case, and others of the stage are archived on demand', async () => {
    const { call } = open();
    const name = await createModel(call, unique('staged'));
    for (let version = 0; version < 3; version += 1) await createVersion(call, name);
    const move = (version: string, stage: string, archive: boolean) =>
      call('POST', `${VERSIONS}/transition-stage`, { name, version, stage, archive_existing_versions: archive });
    const latest = async (message: object = {}) => {
      const { body } = await call('POST', `${MODELS}/get-latest-versions`, { name, ...message });
      const versions: readonly { readonly version: string; readonly current_stage: string }[] = body.model_versions;
      return Object.fromEntries(versions.map(({ version, current_stage }) => [current_stage, version]));
    };

    expect((await move('1', 'PRODUCTION', false)).body.model_version.current_stage).toBe('Production');
    expect(await latest()).toEqual({ None: '3', Production: '1' });
    await move('2', 'production', true);
    expect(await latest()).toEqual({ None: '3', Production: '2', Archived: '1' });
    expect(await latest({ stages: ['production'] })).toEqual({ Production: '2' });
    expect(await move('2', 'Live', false)).toMatchObject(
      invalid('Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived.'),
    );
    expect((await move('9', 'None', false)).status).toBe(404);
    expect((await call('POST', `${MODELS}/get-latest-versions`, { name: 'none' })).status).toBe(404);
  });

  it('are searched over all models, in order and page by page', async () => {
    const { call } = open();
    const prefix = unique('versions');
    const run = unique('').replaceAll('-', '').padStart(32, 'c');
    for (const letter of ['a', 'b']) {
      await createModel(call, `${prefix}-${letter}`);
      for (let version = 0; version < 2; version += 1) await createVersion(call, `${prefix}-${letter}`);
    }
    await createVersion(call, `${prefix}-b`, { run_id: run, source: 's3://x/y', tags: [{ key: 't', value: 'u' }] });
    const mine = `name LIKE '${prefix}-%'`;
    const search = async (message: Readonly<Record<string, unknown>>) => {
      const { body } = await call('GET', `${VERSIONS}/search`, message);
      const versions: readonly { readonly name: string; readonly version: string }[] = body.model_versions ?? [];
      return {
        found: versions.map(({ name, version }) => `${name.slice(prefix.length + 1)}${version}`),
        token: body.next_page_token,
      };
    };

    expect((await search({ filter: mine })).found).toEqual(['b3', 'b2', 'b1', 'a2', 'a1']);
    expect((await search({ filter: mine, order_by: ['version_number ASC', 'name DESC'] })).found).toEqual([
      'b1',
      'a1',
      'b2',
      'a2',
      'b3',
    ]);
    const first = await search({ filter: mine, max_results: 3 });
    const rest = await search({ filter: mine, max_results: 3, page_token: first.token });
    expect([first.found, rest]).toEqual([['b3', 'b2', 'b1'], { found: ['a2', 'a1'], token: undefined }]);
    expect((await search({ filter: `run_id = '${run}'` })).found).toEqual(['b3']);
    expect((await search({ filter: `run_id IN ('${run}', 'none')` })).found).toEqual(['b3']);
    expect((await search({ filter: `${mine} AND version_number < 2` })).found).toEqual(['b1', 'a1']);
    expect((await search({ filter: `${mine} AND tags.t = 'u' AND source_path LIKE 's3://x/%'` })).found).toEqual([
      'b3',
    ]);
    expect((await call('GET', `${VERSIONS}/search`, { max_results: 200_001 })).status).toBe(400);
  });

  it.each(['/tmp/model', 'model', 'file:///tmp/model', './model', 'file:///etc/../passwd'])(
    'refuse the local source %s',
    async (source) => {
      const { call } = open();
      const name = await createModel(call, unique('local'));

      expect(await call('POST', `${VERSIONS}/create`, { name, source })).toMatchObject(
        invalid(expect.stringContaining('To use a local path as a model version source, the run_id request parameter')),
      );
    },
  );

  it.each(['s3://bucket/../other', 'mlflow-artifacts:/a/%2e%2e/b', 'http://host/a%2f..%2fb', 'http://host/a%00'])(
    'refuse the source %s, which leaves its place',
    async (source) => {
      const { call } = open();
      const name = await createModel(call, unique('relative'));

      expect(await call('POST', `${VERSIONS}/create`, { name, source })).toMatchObject(
        invalid(expect.stringContaining('an absolute path must be provided without relative path references')),
      );
    },
  );

  it('may come from another version, whose storage they share', async () => {
    const { call } = open();
    const name = await createModel(call, unique('from'));
    await createVersion(call, name, { source: 's3://bucket/deep' });
    const copy = await createModel(call, unique('to'));

    const version = await createVersion(call, copy, { source: `models:/${name}/1` });
    const again = await createVersion(call, copy, { source: `models:/${copy}/1` });

    expect([version.source, again.source]).toEqual([`models:/${name}/1`, `models:/${copy}/1`]);
    for (const number of ['1', '2']) {
      const { body } = await call('GET', `${VERSIONS}/get-download-uri`, { name: copy, version: number });
      expect(body).toEqual({ artifact_uri: 's3://bucket/deep' });
    }
  });
});
