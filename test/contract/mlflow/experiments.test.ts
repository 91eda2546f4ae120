import { expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';

const NOT_FOUND = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const TAKEN = { status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } };
const SUFFIX = ' See the API docs for more information about request parameters.';

describeMlflow('experiments', (bench) => {
  it('has an experiment 0 named Default from the start', async () => {
    const { status, body } = await bench().call('GET', '2.0/mlflow/experiments/get', { experiment_id: '0' });

    expect(status).toBe(200);
    expect(body.experiment).toMatchObject({
      experiment_id: '0',
      name: 'Default',
      artifact_location: 'mlflow-artifacts:/0',
      lifecycle_stage: 'active',
    });
  });

  it('creates an experiment with a decimal id, its tags and a default artifact location', async () => {
    const { call, unique } = bench();
    const name = unique('made');

    const created = await call('POST', '2.0/mlflow/experiments/create', {
      name,
      tags: [
        { key: 'a', value: '1' },
        { key: 'no value', value: '' },
      ],
    });

    const id = created.body.experiment_id;
    expect(created).toEqual({ status: 200, body: { experiment_id: expect.stringMatching(/^[1-9]\d*$/) } });
    const read = await call('GET', '2.0/mlflow/experiments/get', { experiment_id: id });
    expect(read.body.experiment).toEqual({
      experiment_id: id,
      name,
      artifact_location: `mlflow-artifacts:/${id}`,
      lifecycle_stage: 'active',
      creation_time: expect.any(Number),
      last_update_time: read.body.experiment.creation_time,
      tags: expect.arrayContaining([
        { key: 'a', value: '1' },
        { key: 'no value', value: '' },
      ]),
    });
  });

  it('keeps an artifact location that is given', async () => {
    const { call, experiment } = bench();

    const id = await experiment({ artifact_location: 's3://bucket/path' });

    const { body } = await call('GET', '2.0/mlflow/experiments/get', { experiment_id: id });
    expect(body.experiment.artifact_location).toBe('s3://bucket/path');
    expect(body.experiment).not.toHaveProperty('tags');
  });

  it('finds an experiment by name, a deleted one too, and says 404 for an unknown name', async () => {
    const { call, experiment, unique } = bench();
    const name = unique('sought');
    const id = await experiment({ name });
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });

    const found = await call('GET', '2.0/mlflow/experiments/get-by-name', { experiment_name: name });
    const unknown = await call('GET', '2.0/mlflow/experiments/get-by-name', { experiment_name: 'nobody' });

    expect(found.body.experiment).toMatchObject({ experiment_id: id, lifecycle_stage: 'deleted' });
    expect(unknown).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Could not find experiment with name 'nobody'" },
    });
  });

  it.each([
    ['a number as its name', { name: 123 }, "Invalid value 123 for parameter 'name' supplied"],
    ['no name', {}, `Missing value for required parameter 'name'.${SUFFIX}`],
    ['an empty name', { name: '' }, `Missing value for required parameter 'name'.${SUFFIX}`],
    ['a name of 501 characters', { name: 'x'.repeat(501) }, "'name' exceeds the maximum length of 500 characters"],
    ['a number as its place', { name: 'n', artifact_location: 9.5 }, 'Invalid value 9.5 for parameter'],
    ['tags that are no list', { name: 'n', tags: '5' }, 'Invalid value "5" for parameter \'tags\' supplied'],
    [
      'a fragment in its place',
      { name: 'n', artifact_location: 's3://b/x#f' },
      "'artifact_location' URL can't include",
    ],
    ['params in its place', { name: 'n', artifact_location: 's3://b/x;p' }, "'artifact_location' URL can't include"],
    ['a climbing query in its place', { name: 'n', artifact_location: 's3://b/x?a=../b' }, 'Invalid query string'],
    [
      'a place that is too long',
      { name: 'n', artifact_location: `s3://b/${'x'.repeat(2048)}` },
      "'artifact_location' exceeds the maximum",
    ],
  ])('refuses %s', async (_, message, text) => {
    const answer = await bench().call('POST', '2.0/mlflow/experiments/create', message);

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it('refuses a place below runs:', async () => {
    const { call, unique } = bench();

    const answer = await call('POST', '2.0/mlflow/experiments/create', {
      name: unique('n'),
      artifact_location: 'runs:/x',
    });

    expect(answer).toMatchObject(INVALID);
  });

  it('refuses a name that an active or a deleted experiment has', async () => {
    const { call, experiment, unique } = bench();
    const name = unique('taken');
    const id = await experiment({ name });

    const whileActive = await call('POST', '2.0/mlflow/experiments/create', { name });
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });
    const whileDeleted = await call('POST', '2.0/mlflow/experiments/create', { name });

    expect(whileActive).toMatchObject(TAKEN);
    expect(whileDeleted).toMatchObject(TAKEN);
  });

  it('answers 404 for an id that is unknown or no number', async () => {
    const { call } = bench();

    const answers = await Promise.all([
      call('GET', '2.0/mlflow/experiments/get', { experiment_id: '999999' }),
      call('GET', '2.0/mlflow/experiments/get', { experiment_id: 'abc' }),
      call('POST', '2.0/mlflow/experiments/delete', { experiment_id: '999999' }),
      call('POST', '2.0/mlflow/experiments/restore', { experiment_id: '999999' }),
      call('POST', '2.0/mlflow/experiments/update', { experiment_id: '999999', new_name: 'x' }),
      call('POST', '2.0/mlflow/experiments/set-experiment-tag', { experiment_id: '999999', key: 'k', value: 'v' }),
      call('POST', '2.0/mlflow/runs/create', { experiment_id: '999999' }),
    ]);

    for (const answer of answers) expect(answer).toMatchObject(NOT_FOUND);
  });

  it('asks for the id by name where it is missing', async () => {
    const answer = await bench().call('POST', '2.0/mlflow/experiments/delete', {});

    const message = `Missing value for required parameter 'experiment_id'.${SUFFIX}`;
    expect(answer).toEqual({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } });
  });

  it('renames an experiment and frees its old name', async () => {
    const { call, experiment, unique } = bench();
    const [before, after] = [unique('before'), unique('after')];
    const id = await experiment({ name: before });

    const renamed = await call('POST', '2.0/mlflow/experiments/update', { experiment_id: id, new_name: after });

    expect(renamed).toEqual({ status: 200, body: {} });
    const read = await call('GET', '2.0/mlflow/experiments/get', { experiment_id: id });
    expect(read.body.experiment.name).toBe(after);
    expect((await call('POST', '2.0/mlflow/experiments/create', { name: before })).status).toBe(200);
  });

  it('refuses a rename to a taken name, to none and of a deleted experiment', async () => {
    const { call, experiment } = bench();
    const id = await experiment();
    const rename = (new_name?: string) =>
      call('POST', '2.0/mlflow/experiments/update', { experiment_id: id, ...(new_name && { new_name }) });

    const toTaken = await rename('Default');
    const toNone = await rename();
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });
    const ofDeleted = await rename('other');

    expect(toTaken).toMatchObject(TAKEN);
    expect(toNone).toMatchObject(INVALID);
    expect(ofDeleted).toMatchObject({ status: 400, body: { error_code: 'INVALID_STATE' } });
  });

  it('refuses a rename to the name of a deleted experiment', async () => {
    const { call, experiment, unique } = bench();
    const name = unique('gone');
    const [gone, id] = [await experiment({ name }), await experiment()];
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: gone });

    const answer = await call('POST', '2.0/mlflow/experiments/update', { experiment_id: id, new_name: name });

    expect(answer.status).toBe(400);
  });

  it('moves the time of the last update with a rename, a deletion and a restoration', async () => {
    const { call, experiment, unique } = bench();
    const id = await experiment();
    const times = async () => {
      const { body } = await call('GET', '2.0/mlflow/experiments/get', { experiment_id: id });
      return [body.experiment.creation_time, body.experiment.last_update_time];
    };
    const [created = 0, first = 0] = await times();
    const seen = [first];

    for (const [action, message] of [
      ['update', { new_name: unique('new') }],
      ['delete', {}],
      ['restore', {}],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, 2)); // so that no two have one time
      await call('POST', `2.0/mlflow/experiments/${action}`, { experiment_id: id, ...message });
      const [createdThen, updated = 0] = await times();
      expect(createdThen).toBe(created);
      seen.push(updated);
    }

    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });

  it('deletes only what is active and restores only what is deleted', async () => {
    const { call, experiment } = bench();
    const id = await experiment();
    const stage = async () =>
      (await call('GET', '2.0/mlflow/experiments/get', { experiment_id: id })).body.experiment.lifecycle_stage;

    const early = await call('POST', '2.0/mlflow/experiments/restore', { experiment_id: id });
    const deleted = await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });
    const stageThen = await stage();
    const again = await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });
    const restored = await call('POST', '2.0/mlflow/experiments/restore', { experiment_id: id });

    expect(early).toMatchObject(NOT_FOUND);
    expect(deleted).toEqual({ status: 200, body: {} });
    expect(stageThen).toBe('deleted');
    expect(again).toMatchObject(NOT_FOUND);
    expect(restored).toEqual({ status: 200, body: {} });
    expect(await stage()).toBe('active');
  });

  it('deletes and restores the runs with their experiment', async () => {
    const { call, experiment, run } = bench();
    const experimentId = await experiment();
    const runIds = [await run(experimentId), await run(experimentId)];
    const stages = () =>
      Promise.all(
        runIds.map(
          async (run_id) => (await call('GET', '2.0/mlflow/runs/get', { run_id })).body.run.info.lifecycle_stage,
        ),
      );

    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: experimentId });
    const deleted = await stages();
    await call('POST', '2.0/mlflow/experiments/restore', { experiment_id: experimentId });

    expect(deleted).toEqual(['deleted', 'deleted']);
    expect(await stages()).toEqual(['active', 'active']);
  });

  it('refuses a run in a deleted experiment', async () => {
    const { call, experiment } = bench();
    const id = await experiment();
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });

    const answer = await call('POST', '2.0/mlflow/runs/create', { experiment_id: id });

    const message = `The experiment ${id} must be in the 'active' state. Current state is deleted.`;
    expect(answer).toEqual({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } });
  });

  it('sets, overwrites and deletes tags of its own experiment only', async () => {
    const { call, experiment } = bench();
    const [id, other] = [await experiment(), await experiment()];
    const set = (key: string, value?: string) =>
      call('POST', '2.0/mlflow/experiments/set-experiment-tag', {
        experiment_id: id,
        key,
        ...(value === undefined ? {} : { value }),
      });
    const tagsOf = async (experiment_id: string) =>
      (await call('GET', '2.0/mlflow/experiments/get', { experiment_id })).body.experiment.tags;

    await set('data', 'imagenet');
    await set('data', 'birds\nand\nbikes');
    await set('empty');
    const set_ = await tagsOf(id);
    const deleted = await call('POST', '2.0/mlflow/experiments/delete-experiment-tag', {
      experiment_id: id,
      key: 'data',
    });
    const missing = await call('POST', '2.0/mlflow/experiments/delete-experiment-tag', {
      experiment_id: id,
      key: 'data',
    });

    expect(set_).toEqual(
      expect.arrayContaining([
        { key: 'data', value: 'birds\nand\nbikes' },
        { key: 'empty', value: '' },
      ]),
    );
    expect(deleted).toEqual({ status: 200, body: {} });
    expect(await tagsOf(id)).toEqual([{ key: 'empty', value: '' }]);
    expect(await tagsOf(other)).toBeUndefined();
    expect(missing).toEqual({
      status: 404,
      body: {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `No tag with name: data in experiment with id ${id}`,
      },
    });
  });

  it.each([
    ['a value of 5001 characters', 'k', 'v'.repeat(5001), "'value' exceeds the maximum length of 5000 characters"],
    ['a key of 251 characters', 'k'.repeat(251), 'v', "'key' exceeds the maximum length of 250 characters"],
    ['a key that is an absolute path', '/k', 'v', 'Names may be treated as files in certain cases'],
  ])('refuses a tag with %s', async (_, key, value, text) => {
    const { call, experiment } = bench();
    const id = await experiment();

    const answer = await call('POST', '2.0/mlflow/experiments/set-experiment-tag', { experiment_id: id, key, value });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it('refuses tag writes on a deleted experiment', async () => {
    const { call, experiment } = bench();
    const id = await experiment({ tags: [{ key: 'k', value: 'v' }] });
    await call('POST', '2.0/mlflow/experiments/delete', { experiment_id: id });

    const set = await call('POST', '2.0/mlflow/experiments/set-experiment-tag', {
      experiment_id: id,
      key: 'k',
      value: '',
    });
    const deleted = await call('POST', '2.0/mlflow/experiments/delete-experiment-tag', { experiment_id: id, key: 'k' });

    expect(set).toMatchObject(INVALID);
    expect(deleted).toMatchObject(INVALID);
  });
});
