import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createModel,
  createVersion,
  invalid,
  LOCAL_RUN,
  loggedModel,
  MODEL_ID,
  MODELS,
  missing,
  onOtherServer,
  open,
  openHere,
  SOURCE,
  SUFFIX,
  unique,
  VERSIONS,
} from '../../helpers/registry-bench.ts';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('registered models', () => {
  it('are created with tags and description, and shown with the latest version of each stage', async () => {
    const { call } = open();
    const name = unique('shown');
    const tags = [{ key: 'a', value: '1' }];

    const created = await call('POST', `${MODELS}/create`, { name, tags, description: 'about' });
    await createVersion(call, name);
    await createVersion(call, name, { run_id: LOCAL_RUN, run_link: 'http://x', description: 'second', tags });
    await call('POST', `${MODELS}/alias`, { name, alias: 'best', version: '2' });
    const { body } = await call('GET', `${MODELS}/get`, { name });

    const stamp = expect.any(Number);
    const stamps = { creation_timestamp: stamp, last_updated_timestamp: stamp };
    expect(created.body.registered_model).toEqual({ name, ...stamps, description: 'about', tags });
    expect(body.registered_model).toMatchObject({
      name,
      description: 'about',
      tags,
      aliases: [{ alias: 'best', version: '2' }],
      latest_versions: [
        {
          name,
          version: '2',
          ...stamps,
          current_stage: 'None',
          description: 'second',
          source: SOURCE,
          run_id: LOCAL_RUN,
          run_link: 'http://x',
          status: 'READY',
          tags,
        },
      ],
    });
  });

  it('refuse a name that is taken or missing', async () => {
    const { call } = open();
    const name = await createModel(call, unique('taken'));

    expect(await call('POST', `${MODELS}/create`, { name })).toMatchObject({
      status: 400,
      body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: `Registered Model (name=${name}) already exists.` },
    });
    expect(await call('POST', `${MODELS}/create`, {})).toMatchObject(
      invalid(`Missing value for required parameter 'name'.${SUFFIX}`),
    );
    expect(await call('GET', `${MODELS}/get`, { name: 'no such model' })).toMatchObject(
      missing('Registered Model with name=no such model not found'),
    );
  });

  it('are described, renamed and deleted with all they have', async () => {
    const { call } = open();
    const name = await createModel(call, unique('old'), { description: 'about' });
    await createVersion(call, name);
    const newName = unique('new');

    const described = await call('PATCH', `${MODELS}/update`, { name, description: 'other' });
    const renamed = await call('POST', `${MODELS}/rename`, { name, new_name: newName });

    expect(described.body.registered_model.description).toBe('other');
    expect(renamed.body.registered_model).toMatchObject({ name: newName, latest_versions: [{ name: newName }] });
    expect((await call('GET', `${MODELS}/get`, { name })).status).toBe(404);
    expect(await call('DELETE', `${MODELS}/delete`, { name: newName })).toEqual({ status: 200, body: {} });
    expect((await call('DELETE', `${MODELS}/delete`, { name: newName })).status).toBe(404);
    await createModel(call, newName);
    expect((await createVersion(call, newName)).version).toBe('1');
  });

  it('have tags, which are set, overwritten and deleted', async () => {
    const { call } = open();
    const name = await createModel(call, unique('tagged'));
    const tagsOf = async () => (await call('GET', `${MODELS}/get`, { name })).body.registered_model.tags;

    await call('POST', `${MODELS}/set-tag`, { name, key: 'k', value: '1' });
    await call('POST', `${MODELS}/set-tag`, { name, key: 'k', value: 'x'.repeat(100_000) });
    expect(await tagsOf()).toEqual([{ key: 'k', value: 'x'.repeat(100_000) }]);
    await call('DELETE', `${MODELS}/delete-tag`, { name, key: 'k' });
    expect(await tagsOf()).toBeUndefined();
    expect((await call('DELETE', `${MODELS}/delete-tag`, { name, key: 'k' })).status).toBe(200);
    expect(await call('POST', `${MODELS}/set-tag`, { name, key: 'k', value: 'x'.repeat(100_001) })).toMatchObject(
      invalid("'value' exceeds the maximum length of 100000 characters"),
    );
    expect(await call('POST', `${MODELS}/set-tag`, { name, key: 'k'.repeat(251), value: '' })).toMatchObject(
      invalid("'key' exceeds the maximum length of 250 characters"),
    );
    expect(await call('POST', `${MODELS}/set-tag`, { name, key: 'a/../b', value: '' })).toMatchObject(
      invalid(expect.stringMatching(/^Invalid value "a\/\.\.\/b" for parameter 'key' supplied: Names may be treated/)),
    );
    expect((await call('POST', `${MODELS}/set-tag`, { name: 'none', key: 'k', value: '' })).status).toBe(404);
  });

  it('are searched by name and tag, in order and page by page', async () => {
    const { call } = open();
    const prefix = unique('search');
    for (const letter of ['b', 'a', 'c']) {
      await createModel(call, `${prefix}-${letter}`, { tags: [{ key: 'letter', value: letter }] });
    }
    await createModel(call, `${prefix}-p`, { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
    const mine = `name LIKE '${prefix}-%'`;
    const search = async (message: Readonly<Record<string, unknown>>) => {
      const { body } = await call('GET', `${MODELS}/search`, message);
      const models: readonly { readonly name: string }[] = body.registered_models ?? [];
      return { names: models.map(({ name }) => name.slice(prefix.length + 1)), token: body.next_page_token };
    };

    const first = await search({ filter: mine, max_results: 2 });
    const rest = await search({ filter: mine, max_results: 2, page_token: first.token });

    expect([first.names, rest]).toEqual([['a', 'b'], { names: ['c'], token: undefined }]);
    expect((await search({ filter: mine, order_by: ['timestamp DESC'] })).names).toEqual(['c', 'a', 'b']);
    expect((await search({ filter: `${mine} AND tags.letter != 'a'` })).names).toEqual(['b', 'c']);
    expect((await search({ filter: `${mine} AND tags.\`mlflow.prompt.is_prompt\` = 'true'` })).names).toEqual(['p']);
    expect((await search({ filter: `${mine} AND tags.\`mlflow.prompt.is_prompt\` != 'true'` })).names).toHaveLength(3);
    expect((await search({ filter: `name ILIKE '${prefix.toUpperCase()}-A'` })).names).toEqual(['a']);
    expect((await call('GET', `${MODELS}/search`, { max_results: 1001 })).status).toBe(400);
    expect((await call('GET', `${MODELS}/search`, { filter: 'version > 1' })).status).toBe(400);
  });
});

describe('aliases', () => {
  it('point to one version each, move, and go', async () => {
    const { call } = open();
    const name = await createModel(call, unique('aliased'));
    for (let version = 0; version < 2; version += 1) await createVersion(call, name);
    const at = (alias: string) => call('GET', `${MODELS}/alias`, { name, alias });

    await call('POST', `${MODELS}/alias`, { name, alias: 'champion', version: '1' });
    await call('POST', `${MODELS}/alias`, { name, alias: 'gold', version: '2' });
    await call('POST', `${MODELS}/alias`, { name, alias: 'champion', version: '2' });

    expect((await at('champion')).body.model_version).toMatchObject({ version: '2', aliases: ['champion', 'gold'] });
    expect((await at('latest')).body.model_version.version).toBe('2');
    await call('DELETE', `${MODELS}/alias`, { name, alias: 'gold' });
    expect(await call('DELETE', `${MODELS}/alias`, { name, alias: 'gold' })).toEqual({ status: 200, body: {} });
    expect(await at('gold')).toMatchObject(invalid('Registered model alias gold not found.'));
  });

  it.each([
    ['latest', "'latest' alias name (case insensitive) is reserved."],
    ['LATEST', "'latest' alias name (case insensitive) is reserved."],
    ['v12', "Version alias name 'v12' is reserved."],
    ['a b', "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-)."],
    ['x'.repeat(256), "'Registered model alias name' exceeds the maximum length of 255 characters"],
    ['', `Missing value for required parameter 'alias'.${SUFFIX}`],
  ])('refuse the name %s', async (alias, message) => {
    const { call } = open();
    const name = await createModel(call, unique('names'));
    await createVersion(call, name);

    expect(await call('POST', `${MODELS}/alias`, { name, alias, version: '1' })).toMatchObject(invalid(message));
  });

  it('refuse what does not exist', async () => {
    const { call } = open();
    const name = await createModel(call, unique('nowhere'));

    expect(await call('POST', `${MODELS}/alias`, { name, alias: 'a', version: '1' })).toMatchObject(
      missing(`Model Version (name=${name}, version=1) not found`),
    );
    expect(await call('POST', `${MODELS}/alias`, { name, alias: 'a', version: 'one' })).toMatchObject(
      invalid("Parameter 'version' must be an integer, got 'one'."),
    );
    expect((await call('GET', `${MODELS}/alias`, { name: 'none', alias: 'a' })).status).toBe(404);
    expect((await call('DELETE', `${MODELS}/alias`, { name: 'none', alias: 'a' })).status).toBe(404);
  });
});

describe.skipIf(onOtherServer)('the registry of this platform', () => {
  it('takes the aliases of a deleted version away (of MLflow they stay)', async () => {
    const { call } = openHere();
    const name = await createModel(call, 'bare');
    await createVersion(call, name);
    await call('POST', `${MODELS}/alias`, { name, alias: 'gold', version: '1' });

    await call('DELETE', `${VERSIONS}/delete`, { name, version: '1' });

    expect(await call('GET', `${MODELS}/alias`, { name, alias: 'gold' })).toMatchObject(
      invalid('Registered model alias gold not found.'),
    );
  });

  it('takes a local source that lies in the artifacts of its run', async () => {
    const { call } = openHere();
    const name = await createModel(call, 'inside');
    const from = (source: string, run_id = LOCAL_RUN) => call('POST', `${VERSIONS}/create`, { name, source, run_id });

    expect((await from('/data/0/run/artifacts/model')).status).toBe(200);
    expect((await from('/data/0/run/other')).status).toBe(400);
    expect((await from('/data/0/run/artifacts/../../other')).status).toBe(400);
    expect((await from('/data/0/run/artifacts', 'd'.repeat(32))).status).toBe(404);
  });

  it('notes a registration on the logged model, and takes run and storage from it', async () => {
    const { call, loggedModels } = openHere();
    await loggedModels.create(loggedModel);
    await createModel(call, 'logged');

    const version = await createVersion(call, 'logged', { source: `models:/${MODEL_ID}`, model_id: MODEL_ID });

    expect(version).toMatchObject({ run_id: LOCAL_RUN, model_id: MODEL_ID });
    const { body } = await call('GET', `${VERSIONS}/get-download-uri`, { name: 'logged', version: '1' });
    expect(body.artifact_uri).toBe(loggedModel.artifactUri);
    expect((await loggedModels.get(MODEL_ID)).registrations).toEqual([{ name: 'logged', version: '1' }]);
    const unknown = { name: 'logged', source: SOURCE, model_id: `m-${'c'.repeat(32)}` };
    expect((await call('POST', `${VERSIONS}/create`, unknown)).status).toBe(404);
    expect((await call('POST', `${VERSIONS}/create`, { name: 'logged', source: 'models:/none/1' })).status).toBe(404);
  });

  it('announces what changed, prompts as prompts', async () => {
    const { call, events } = openHere();
    const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    const text = { key: 'mlflow.prompt.text', value: 'Hello {{name}}' };

    await createModel(call, 'told');
    await createVersion(call, 'told');
    await call('POST', `${VERSIONS}/set-tag`, { name: 'told', version: '1', key: 'k', value: 'v' });
    await call('POST', `${MODELS}/alias`, { name: 'told', alias: 'a', version: '1' });
    await call('POST', `${MODELS}/set-tag`, { name: 'told', key: 'k', value: 'v' });
    await createModel(call, 'prompt', { tags: prompt });
    await createVersion(call, 'prompt', { source: 'dummy-source', tags: [...prompt, text] });
    await call('POST', `${MODELS}/set-tag`, { name: 'prompt', key: 'k', value: 'v' });

    const told = events.published.map(({ detail }) => detail as { readonly entity: string; readonly data: object });
    expect(told.map(({ entity }) => entity)).toEqual([
      'registered_model',
      'model_version',
      'model_version_tag',
      'model_version_alias',
      'prompt',
      'prompt_version',
      'prompt_tag',
    ]);
    expect(told[3]).toEqual({
      workspace: 'default',
      entity: 'model_version_alias',
      action: 'created',
      data: { name: 'told', alias: 'a', version: '1' },
    });
    expect(told[5]?.data).toEqual({
      name: 'prompt',
      version: '1',
      description: null,
      template: 'Hello {{name}}',
      tags: {},
    });
  });

  it('says how to move the champion of a model that pipelines register', async () => {
    const { call, registry } = openHere();
    await registry.registerVersion(
      {
        model: 'piped',
        runId: 'run-1',
        owner: 'ann',
        principal: 'workflow:train',
        modelDigest: 'd',
        artifactPrefix: 'models/piped/d/',
        manifestDigest: 'm',
        metrics: {},
        trainedThroughMs: 1,
        datasetSnapshot: 's',
        registeredAtMs: 1,
      },
      1_000,
    );

    const refusal = await call('POST', `${MODELS}/alias`, { name: 'piped', alias: 'champion', version: '1' });

    expect(refusal).toMatchObject(invalid(expect.stringMatching(/a rollout moves it: approve the version/)));
    const { body } = await call('GET', `${VERSIONS}/get`, { name: 'piped', version: '1' });
    expect(body.model_version).toMatchObject({ source: 'mlflow-artifacts:/models/piped/d', run_id: 'run-1' });
    expect((await call('DELETE', `${MODELS}/delete`, { name: 'piped' })).status).toBe(400);
  });
});
