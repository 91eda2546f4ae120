import { expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const NOT_FOUND = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const SUFFIX = ' See the API docs for more information about request parameters.';
const invalid = (message: string) => ({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } });
const sorted = (tags: readonly { readonly key: string }[]) => [...tags].sort((a, b) => (a.key < b.key ? -1 : 1));

describeMlflow('runs', (bench) => {
  it('creates a running run with an id of 32 hex digits, its name and tags', async () => {
    const { call, experiment, read } = bench();
    const experimentId = await experiment();

    const { status, body } = await call('POST', '2.0/mlflow/runs/create', {
      experiment_id: experimentId,
      user_id: 'ann',
      start_time: 456,
      run_name: 'my name',
      tags: [
        { key: 'mlflow.user', value: 'ann' },
        { key: 'mlflow.parentRunId', value: '7' },
      ],
    });

    const { run } = body;
    const id = run.info.run_id;
    expect(status).toBe(200);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(run.info).toEqual({
      run_id: id,
      run_uuid: id,
      run_name: 'my name',
      experiment_id: experimentId,
      user_id: 'ann',
      status: 'RUNNING',
      start_time: 456,
      artifact_uri: `mlflow-artifacts:/${experimentId}/${id}/artifacts`,
      lifecycle_stage: 'active',
    });
    expect(sorted(run.data.tags)).toEqual([
      { key: 'mlflow.parentRunId', value: '7' },
      { key: 'mlflow.runName', value: 'my name' },
      { key: 'mlflow.user', value: 'ann' },
    ]);
    const stored = await read(id);
    expect(stored.info).toEqual(run.info);
    expect(sorted(stored.data.tags)).toEqual(sorted(run.data.tags));
    expect(stored).toMatchObject({ inputs: {}, outputs: {} });
    expect(stored.data).not.toHaveProperty('params');
  });

  it('puts the artifacts of a run below its experiment, before a query', async () => {
    const { experiment, run, read } = bench();
    const runId = await run(await experiment({ artifact_location: 's3://bucket/path?a=b' }));

    expect((await read(runId)).info.artifact_uri).toBe(`s3://bucket/path/${runId}/artifacts?a=b`);
  });

  it('gives every run without a name one of its own', async () => {
    const { run, read } = bench();

    const { info, data } = await read(await run());

    expect(info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(data.tags).toEqual([{ key: 'mlflow.runName', value: info.run_name }]);
  });

  it('takes the name from the tag mlflow.runName', async () => {
    const { run, read } = bench();

    const runId = await run(undefined, { tags: [{ key: 'mlflow.runName', value: 'tagged' }] });

    expect((await read(runId)).info.run_name).toBe('tagged');
  });

  it('refuses a name and a name tag that differ', async () => {
    const { call, experiment } = bench();

    const answer = await call('POST', '2.0/mlflow/runs/create', {
      experiment_id: await experiment(),
      run_name: 'a',
      tags: [{ key: 'mlflow.runName', value: 'b' }],
    });

    expect(answer).toEqual(
      invalid(
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='a', mlflow.runName='b').",
      ),
    );
  });

  it('refuses a start time that is no number', async () => {
    const { call, experiment } = bench();

    const answer = await call('POST', '2.0/mlflow/runs/create', { experiment_id: await experiment(), start_time: 'x' });

    expect(answer).toMatchObject(INVALID);
    expect(answer.body.message).toContain('Invalid value "x" for parameter \'start_time\' supplied');
  });

  it('reads a run by run_uuid too, and says 404 for an unknown one', async () => {
    const { call, run } = bench();
    const runId = await run();

    const byUuid = await call('GET', '2.0/mlflow/runs/get', { run_uuid: runId });
    const unknown = await call('GET', '2.0/mlflow/runs/get', { run_id: 'nobody' });
    const none = await call('GET', '2.0/mlflow/runs/get', {});

    expect(byUuid.body.run.info.run_id).toBe(runId);
    expect(unknown).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=nobody not found' },
    });
    expect(none).toEqual(invalid(`Missing value for required parameter 'run_id'.${SUFFIX}`));
  });

  it('updates status, end and name, and the name tag with it', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    const { status, body } = await call('POST', '2.0/mlflow/runs/update', {
      run_id: runId,
      status: 'FINISHED',
      end_time: 999,
      run_name: 'new',
    });

    expect(status).toBe(200);
    expect(body.run_info).toMatchObject({ run_id: runId, status: 'FINISHED', end_time: 999, run_name: 'new' });
    const { info, data } = await read(runId);
    expect(info).toEqual(body.run_info);
    expect(data.tags).toEqual([{ key: 'mlflow.runName', value: 'new' }]);
  });

  it('renames a run without touching its status', async () => {
    const { call, run } = bench();
    const runId = await run();
    await call('POST', '2.0/mlflow/runs/update', { run_id: runId, status: 'FINISHED', end_time: 5 });

    const { body } = await call('POST', '2.0/mlflow/runs/update', { run_id: runId, run_name: 'abc' });

    expect(body.run_info).toMatchObject({ status: 'FINISHED', end_time: 5, run_name: 'abc' });
  });

  it.each([
    ['SCHEDULED', 'SCHEDULED'],
    ['KILLED', 'KILLED'],
    [4, 'FAILED'],
    ['3', 'FINISHED'],
  ])('takes status %s', async (status, expected) => {
    const { call, run } = bench();

    const { body } = await call('POST', '2.0/mlflow/runs/update', { run_id: await run(), status });

    expect(body.run_info.status).toBe(expected);
  });

  it('ignores a status that it does not know', async () => {
    const { call, run } = bench();

    const answer = await call('POST', '2.0/mlflow/runs/update', { run_id: await run(), status: 'BOGUS' });

    expect(answer).toMatchObject({ status: 200, body: { run_info: { status: 'RUNNING' } } });
  });

  it('renames a run by its name tag', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await call('POST', '2.0/mlflow/runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: 'by tag' });
    const afterTag = await read(runId);
    await call('POST', '2.0/mlflow/runs/log-batch', {
      run_id: runId,
      tags: [{ key: 'mlflow.runName', value: 'by batch' }],
    });

    expect(afterTag.info.run_name).toBe('by tag');
    expect(afterTag.data.tags).toEqual([{ key: 'mlflow.runName', value: 'by tag' }]);
    expect((await read(runId)).info.run_name).toBe('by batch');
  });

  it('deletes and restores a run, once as good as twice', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const stages: string[] = [];
    const answers = [];

    for (const action of ['delete', 'delete', 'restore', 'restore']) {
      answers.push(await call('POST', `2.0/mlflow/runs/${action}`, { run_id: runId }));
      stages.push((await read(runId)).info.lifecycle_stage);
    }

    expect(answers).toEqual(Array(4).fill({ status: 200, body: {} }));
    expect(stages).toEqual(['deleted', 'deleted', 'active', 'active']);
    expect(await call('POST', '2.0/mlflow/runs/delete', { run_id: 'nobody' })).toMatchObject(NOT_FOUND);
  });

  it('refuses every write to a deleted run and still reads it', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    await call('POST', '2.0/mlflow/runs/delete', { run_id: runId });
    const model = { artifact_path: 'a', flavors: {}, utc_time_created: 'now', run_id: runId };
    const writes: readonly (readonly [string, object])[] = [
      ['update', { run_name: 'x' }],
      ['log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['log-parameter', { key: 'p', value: '1' }],
      ['set-tag', { key: 't', value: '1' }],
      ['delete-tag', { key: 'mlflow.runName' }],
      ['log-batch', { params: [{ key: 'p', value: '1' }] }],
      ['log-batch', {}],
      ['log-inputs', {}],
      ['log-inputs', { models: [{ model_id: 'm-1' }] }],
      ['outputs', { models: [{ model_id: 'm-1' }] }],
      ['log-model', { model_json: JSON.stringify(model) }],
    ];

    for (const [name, message] of writes) {
      const answer = await call('POST', `2.0/mlflow/runs/${name}`, { run_id: runId, ...message });
      const text = `The run ${runId} must be in the 'active' state. Current state is deleted.`;
      expect(answer, name).toEqual(invalid(text));
    }
    expect((await read(runId)).data).not.toHaveProperty('params');
  });

  it('keeps a param, refuses another value for it and takes the same one again', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const log = (value: string) => call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value });

    const [first, again, other] = [await log('1'), await log('1'), await log('2')];

    expect([first, again]).toEqual(Array(2).fill({ status: 200, body: {} }));
    expect(other).toEqual(
      invalid(
        `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${runId}'. Attempted logging new value '2'.`,
      ),
    );
    expect((await read(runId)).data.params).toEqual([{ key: 'p', value: '1' }]);
  });

  it('lets exactly one of two concurrent values of a param win', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    const answers = await Promise.all(
      ['1', '2', '3', '4'].map((value) =>
        call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value }),
      ),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await read(runId)).data.params).toEqual([{ key: 'p', value: String(winner + 1) }]);
  });

  it('takes empty values of params and tags, given or not', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value: '' });
    await call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'q' });
    await call('POST', '2.0/mlflow/runs/set-tag', { run_id: runId, key: 't' });

    const { data } = await read(runId);
    expect(data.params).toEqual([
      { key: 'p', value: '' },
      { key: 'q', value: '' },
    ]);
    expect(data.tags).toContainEqual({ key: 't', value: '' });
  });

  it('cuts values of params at 6000 and of tags at 8000 characters', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    await call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value: 'v'.repeat(6001) });
    await call('POST', '2.0/mlflow/runs/set-tag', { run_id: runId, key: 't', value: 'v'.repeat(8001) });

    const { data } = await read(runId);
    expect(data.params).toEqual([{ key: 'p', value: 'v'.repeat(6000) }]);
    expect(data.tags).toContainEqual({ key: 't', value: 'v'.repeat(8000) });
  });

  it('overwrites and deletes tags, and says 404 for one that is not there', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const set = (value: string) => call('POST', '2.0/mlflow/runs/set-tag', { run_uuid: runId, key: 't', value });

    await set('1');
    await set('2');
    const overwritten = (await read(runId)).data.tags;
    const deleted = await call('POST', '2.0/mlflow/runs/delete-tag', { run_id: runId, key: 't' });
    const missing = await call('POST', '2.0/mlflow/runs/delete-tag', { run_id: runId, key: 't' });
    const ofNobody = await call('POST', '2.0/mlflow/runs/delete-tag', { run_id: 'nobody', key: 't' });

    expect(overwritten).toContainEqual({ key: 't', value: '2' });
    expect(deleted).toEqual({ status: 200, body: {} });
    expect((await read(runId)).data.tags).not.toContainEqual({ key: 't', value: '2' });
    expect(missing).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `No tag with name: t in run with id ${runId}` },
    });
    expect(ofNobody).toMatchObject(NOT_FOUND);
  });

  it.each([
    ['log-parameter', 'a leading slash', '/p', 'Names may be treated as files'],
    ['log-parameter', 'a double slash', 'a//p', "This name would resolve to 'a/p'"],
    ['log-parameter', 'a dot', '.', 'Names may be treated as files'],
    ['log-parameter', 'a parent', '../p', 'Names may be treated as files'],
    ['log-parameter', 'a character outside the alphabet', 'p!', 'Names may only contain alphanumerics'],
    ['log-parameter', '251 characters', 'p'.repeat(251), "'Param key' exceeds the maximum length of 250 characters"],
    ['set-tag', 'a trailing slash', 't/', 'Names may be treated as files'],
    ['set-tag', 'a character outside the alphabet', 't#', 'Names may only contain alphanumerics'],
    ['set-tag', '251 characters', 't'.repeat(251), "'key' exceeds the maximum length of 250 characters"],
  ])('refuses in %s a key with %s', async (route, _, key, text) => {
    const { call, run } = bench();

    const answer = await call('POST', `2.0/mlflow/runs/${route}`, { run_id: await run(), key, value: 'v' });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it('takes keys with letters of any script, spaces, colons and inner slashes', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    const answer = await call('POST', '2.0/mlflow/runs/log-parameter', {
      run_id: runId,
      key: 'größe/学習 rate:v1.0-β_2',
      value: '1',
    });

    expect(answer.status).toBe(200);
    expect((await read(runId)).data.params).toEqual([{ key: 'größe/学習 rate:v1.0-β_2', value: '1' }]);
  });

  it.each([
    ['log-parameter', { run_id: 31, key: 'p', value: 41 }, "Invalid value 31 for parameter 'run_id' supplied"],
    ['log-parameter', { key: 31, value: '41' }, "Invalid value 31 for parameter 'key' supplied"],
    ['set-tag', { key: 'tag', value: 41 }, "Invalid value 41 for parameter 'value' supplied"],
    ['set-tag', { value: 'value' }, "Missing value for required parameter 'key'"],
    ['update', { end_time: 'x' }, 'Invalid value "x" for parameter \'end_time\' supplied'],
  ])('names in %s the field that is wrong: %j', async (route, message, text) => {
    const { call, run } = bench();

    const answer = await call('POST', `2.0/mlflow/runs/${route}`, { run_id: await run(), ...message });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });
});
