import { expect, it } from 'vitest';
import { describeMlflow } from '../../helpers/mlflow-bench.ts';

const INVALID = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const dataset = (change: object = {}) => ({
  name: 'name1',
  digest: 'digest1',
  source_type: 'local',
  source: '{"uri":"x"}',
  ...change,
});

describeMlflow('inputs and outputs of runs', (bench) => {
  const logInputs = (message: object) => bench().call('POST', '2.0/mlflow/runs/log-inputs', { ...message });

  it('keeps datasets with their schema, profile and tags', async () => {
    const { run, read } = bench();
    const runId = await run();
    const tags = [
      { key: 'foo', value: 'baz' },
      { key: 'mlflow.data.context', value: 'train' },
    ];
    const whole = dataset({ schema: 's'.repeat(500_000), profile: '{"num_rows":2}' });

    const answer = await logInputs({ run_id: runId, datasets: [{ dataset: whole, tags }] });

    expect(answer).toEqual({ status: 200, body: {} });
    expect((await read(runId)).inputs.dataset_inputs).toEqual([{ dataset: whole, tags }]);
  });

  it('keeps a dataset of the same name and digest once, logged together or again', async () => {
    const { run, read } = bench();
    const runId = await run();
    const input = { dataset: dataset(), tags: [{ key: 'mlflow.data.context', value: 'train' }] };

    await logInputs({ run_id: runId, datasets: [input, input] });
    await logInputs({ run_id: runId, datasets: [input, { dataset: dataset({ digest: 'other' }) }] });

    const { dataset_inputs } = (await read(runId)).inputs;
    expect(dataset_inputs).toHaveLength(2);
    expect(dataset_inputs).toEqual(expect.arrayContaining([input, { dataset: dataset({ digest: 'other' }) }]));
  });

  it('keeps input and output models once each', async () => {
    const { call, run, read } = bench();
    const runId = await run();

    for (const _ of [1, 2]) await logInputs({ run_id: runId, models: [{ model_id: 'm-1' }] });
    const outputs = await call('POST', '2.0/mlflow/runs/outputs', {
      run_id: runId,
      models: [{ model_id: 'm-2', step: 3 }, { model_id: 'm-3' }],
    });

    expect(outputs).toEqual({ status: 200, body: {} });
    const { inputs, outputs: kept } = await read(runId);
    expect(inputs).toEqual({ model_inputs: [{ model_id: 'm-1' }] });
    expect(kept).toEqual({
      model_outputs: [
        { model_id: 'm-2', step: 3 },
        { model_id: 'm-3', step: 0 },
      ],
    });
  });

  it('takes the same outputs again, as a client that retries sends them', async () => {
    const { call, run, read } = bench();
    const message = { run_id: await run(), models: [{ model_id: 'm-2', step: 3 }] };

    const answers = [
      await call('POST', '2.0/mlflow/runs/outputs', message),
      await call('POST', '2.0/mlflow/runs/outputs', message),
    ];

    expect(answers).toEqual(Array(2).fill({ status: 200, body: {} }));
    expect((await read(message.run_id)).outputs).toEqual({ model_outputs: message.models });
  });

  it.each([
    ['a name of 501 characters', { name: 'x'.repeat(501) }, "'name' exceeds the maximum length of 500 characters"],
    ['a digest of 37 characters', { digest: 'x'.repeat(37) }, "'digest' exceeds the maximum length of 36 characters"],
    ['a source of 65,536 characters', { source: 'x'.repeat(65_536) }, "'source' exceeds the maximum length of 65535"],
    ['a schema of 1,048,576', { schema: 'x'.repeat(1_048_576) }, "'schema' exceeds the maximum length of 1048575"],
  ])('refuses a dataset with %s', async (_, change, text) => {
    const { run, read } = bench();
    const runId = await run();

    const answer = await logInputs({ run_id: runId, datasets: [{ dataset: dataset(change) }] });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
    expect((await read(runId)).inputs).toEqual({});
  });

  it.each([
    ['a key of 256 characters', { key: 'k'.repeat(256), value: 'v' }, "'key' exceeds the maximum length of 255"],
    ['a value of 501 characters', { key: 'k', value: 'v'.repeat(501) }, "'value' exceeds the maximum length of 500"],
  ])('refuses an input tag with %s', async (_, tag, text) => {
    const { run } = bench();

    const answer = await logInputs({ run_id: await run(), datasets: [{ dataset: dataset(), tags: [tag] }] });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it('refuses inputs without a run, and datasets that are no list', async () => {
    const { run } = bench();

    const noRun = await logInputs({ datasets: [{ dataset: dataset() }] });
    const noList = await logInputs({ run_id: await run(), datasets: 'x' });

    expect(noRun.body.message).toContain("Missing value for required parameter 'run_id'");
    expect(noList.body.message).toContain('Invalid value "x" for parameter \'datasets\' supplied');
    expect([noRun.status, noList.status]).toEqual([400, 400]);
  });

  it('refuses more than 1,000 datasets at once', async () => {
    const { run } = bench();
    const datasets = Array.from({ length: 1_001 }, (_, index) => ({ dataset: dataset({ digest: `d${index}` }) }));

    expect(await logInputs({ run_id: await run(), datasets })).toMatchObject(INVALID);
  });

  it('refuses outputs without models', async () => {
    const { call, run } = bench();

    const answer = await call('POST', '2.0/mlflow/runs/outputs', { run_id: await run() });

    expect(answer).toMatchObject(INVALID);
    expect(answer.body.message).toContain("Missing value for required parameter 'models'");
  });

  it('sums up the datasets of experiments, each with its context once', async () => {
    const { call, experiment, run } = bench();
    const experimentId = await experiment();
    const train = { dataset: dataset(), tags: [{ key: 'mlflow.data.context', value: 'training' }] };
    const plain = { dataset: dataset({ name: 'name2' }) };
    for (const _ of [1, 2]) {
      await logInputs({ run_id: await run(experimentId), datasets: [train, plain] });
    }

    const { status, body } = await call('POST', 'ajax-api/2.0/mlflow/experiments/search-datasets', {
      experiment_ids: [experimentId],
    });

    expect(status).toBe(200);
    expect(body.dataset_summaries).toHaveLength(2);
    expect(body.dataset_summaries).toEqual(
      expect.arrayContaining([
        { experiment_id: experimentId, name: 'name1', digest: 'digest1', context: 'training' },
        { experiment_id: experimentId, name: 'name2', digest: 'digest1' },
      ]),
    );
  });

  it.each([
    ['none', {}, 'SearchDatasets request must specify at least one experiment_id.'],
    ['an empty list', { experiment_ids: [] }, 'SearchDatasets request must specify at least one experiment_id.'],
    ['21', { experiment_ids: Array(21).fill('1') }, 'SearchDatasets request cannot specify more than 20'],
  ])('refuses to sum up the datasets of %s', async (_, message, text) => {
    const answer = await bench().call('POST', 'ajax-api/2.0/mlflow/experiments/search-datasets', message);

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });

  it('appends models of old clients to the tag mlflow.log-model.history', async () => {
    const { call, run, read } = bench();
    const runId = await run();
    const model = (path: string) => ({
      run_id: runId,
      artifact_path: path,
      utc_time_created: '2020-01-01',
      model_uuid: `uuid of ${path}`,
      flavors: { python_function: { loader_module: 'x' } },
    });

    for (const path of ['a', 'b']) {
      const config = { python_function: { loader_module: 'x', config: { long: 1 } } };
      const model_json = JSON.stringify({ ...model(path), flavors: config, model_size_bytes: 12 });
      expect(await call('POST', '2.0/mlflow/runs/log-model', { run_id: runId, model_json })).toEqual({
        status: 200,
        body: {},
      });
    }

    const { tags } = (await read(runId)).data;
    const tag = tags.find(({ key }: { key: string }) => key === 'mlflow.log-model.history');
    expect(JSON.parse(tag.value)).toEqual([model('a'), model('b')]);
  });

  it.each([
    ['no JSON', '{', 'Malformed model info.'],
    ['missing fields', '{"a":1}', 'Model json is missing mandatory fields:'],
  ])('refuses a model with %s', async (_, model_json, text) => {
    const { call, run } = bench();

    const answer = await call('POST', '2.0/mlflow/runs/log-model', { run_id: await run(), model_json });

    expect(answer).toMatchObject({ ...INVALID, body: { ...INVALID.body, message: expect.stringContaining(text) } });
  });
});
