import { describe, expect, it } from 'vitest';
import type { ModelSignature, ServableModel, Tensor } from '../../../../../shared/core/inference/index.ts';
import { AlreadyExistsError, NotFoundError, UnavailableError } from '../../../../../shared/kernel/errors.ts';
import { asking, createTestHost, echoModel } from '../../../../helpers/inference-models.ts';
import recorded from '../../../../reference/inference/mlflow-scoring.json' with { type: 'json' };

/** The invocations of MLflow's scoring server and of SageMaker's containers. */

const sumSignature: ModelSignature = {
  task: 'regression',
  inputs: ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [-1, 1], nullable: false })),
  outputs: [{ name: 'sum', datatype: 'FP32', shape: [-1, 1] }],
};
const sumOf = ([a, b]: readonly Tensor[]): Tensor => {
  const data = Float32Array.from(a?.data as Float32Array, (value, row) => value + Number(b?.data[row]));
  return { name: 'sum', datatype: 'FP32', shape: [data.length, 1], data };
};
const columns: ServableModel = {
  name: 'columns',
  version: '1',
  ...sumSignature,
  signature: sumSignature,
  run: (inputs) => [sumOf(inputs)],
};
const matrix: ServableModel = {
  name: 'matrix',
  version: '1',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  run: ([x]) => [
    { ...(x as Tensor), name: 'y', data: Float32Array.from(x?.data as Float32Array, (value) => Math.max(value, 0)) },
  ],
};
const integers: ServableModel = {
  ...echoModel('integers', [{ name: 'x', datatype: 'INT64', shape: [-1, 2] }]),
  outputs: [{ name: 'y', datatype: 'INT64', shape: [-1, 2] }],
  run: ([x]) => [{ ...(x as Tensor), name: 'y' }],
};
const models = [
  columns,
  matrix,
  integers,
  echoModel('two', [
    { name: 'id', datatype: 'INT64', shape: [-1] },
    { name: 'text', datatype: 'BYTES', shape: [-1, 1] },
  ]),
  echoModel('flag', [{ name: 'on', datatype: 'BOOL', shape: [-1] }]),
];
const host = () => createTestHost({}, models);

/** Where MLflow answers 200 and we refuse, or the other way round, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  '{"dataframe_records": [{"a": 1, "b": 2}], "params": {"k": 1}}': 'MLflow leaves out parameters that it then warns of',
  '{"dataframe_split": {"columns": ["p", "q"], "data": [[1, -2]]}}': 'without a signature MLflow takes it too',
  '{"inputs": [[1.5, 2]]}': 'MLflow cuts fractions off',
};

describe('an invocation', () => {
  const compared = recorded.exchanges.filter(({ body }) => OTHERWISE[body] === undefined);

  it.each(compared)("of $model with $body is answered as by MLflow's own server", async (exchange) => {
    const { model, contentType, body, status, answer } = exchange;

    const given = await asking(host())({
      path: `/models/${model}/invocations`,
      body,
      headers: { 'content-type': contentType },
    });

    expect(given.status).toBe(status);
    if (answer === undefined)
      expect(given.json).toEqual({ error_code: expect.any(String), message: expect.any(String) });
    // Texts are compared where JSON.parse would lose digits; Python writes spaces and 3.0.
    else expect(String(given.body)).toBe(answer.replaceAll(' ', '').replaceAll(/(\d)\.0\b/g, '$1'));
  });

  it('differs from MLflow only where something would be lost unseen, or could be told apart anyway', () => {
    expect(recorded.exchanges.length - compared.length).toBe(Object.keys(OTHERWISE).length);
  });

  const invoke = (model: string, body: unknown, type = 'application/json', on = host()) =>
    asking(on)({ path: `/models/${model}/invocations`, body, headers: { 'content-type': type } });

  it.each([
    ['columns', { dataframe_records: [{ a: 1, b: 2 }], params: { k: 1 } }, /params must be left out/],
    ['columns', { dataframe_records: [{ a: 1 }] }, /the request lacks b; the model takes a, b/],
    ['columns', { dataframe_records: [{ a: 1, b: null }] }, /input b, row 0, must be a finite number.*got null/],
    ['columns', { dataframe_records: [1] }, /dataframe_records\[0\] must be an object of values by name, got 1/],
    [
      'columns',
      { dataframe_split: { columns: ['a', 'b'], data: [[1]] } },
      /dataframe_split\.data\[0\] has 1 cells for 2 columns/,
    ],
    ['columns', { dataframe_split: { columns: ['a', 'a'], data: [] } }, /the columns repeat a name/],
    ['columns', { dataframe_split: { columns: ['a', 1], data: [] } }, /columns\[1\] must be text, got 1/],
    ['columns', { dataframe_split: { columns: ['a', 'b'], data: [] } }, /input a must have 1 to 500 rows, got 0/],
    ['columns', { inputs: { a: [1, 2], b: [1] } }, /input b has 1 rows, the first has 2/],
    ['columns', { inputs: [[1, 2]] }, /a list without names fits a model of one input; this one takes a, b/],
    ['columns', { inputs: 5 }, /inputs must be a list, or an object of lists by name, got 5/],
    ['columns', { inputs: {}, instances: [] }, /exactly one of .*, got instances and inputs/],
    ['columns', '', /exactly one of .*, got none of them/],
    ['integers', { inputs: [[1.5, 2]] }, /input x, element 0, must be an integer from -9223372036854775808/],
    ['matrix', { inputs: [[1, 2], [3]] }, /lists of 2 on level 2, got 1/],
    ['matrix', { inputs: [] }, /input x must have shape \[-1, 2\]/],
  ])('of %s with %j is refused in words', async (model, body, says) => {
    const { status, json } = await invoke(model, body);

    expect(status).toBe(400);
    expect(json).toEqual({ error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(says) });
  });

  it.each([
    [
      'two',
      'text,id\nx,9223372036854775807\n"y,z",-1\n',
      '{"id_out":[9223372036854775807,-1],"text_out":[["x"],["y,z"]]}',
    ],
    ['flag', 'on\nTrue\nfalse\n', '{"on_out":[true,false]}'],
    ['matrix', 'p,q\n1,2\n,3\n', '{"y":[[1,2],[null,3]]}'],
  ])('of %s takes CSV by the datatypes of the model', async (model, csv, predictions) => {
    const { status, body } = await invoke(model, csv, 'text/csv');

    expect({ status, body }).toEqual({ status: 200, body: `{"predictions":${predictions}}` });
  });

  it.each([
    ['two', 'id,text\n1.5,a', /element 0, must be an integer.*got 1.5/],
    ['two', 'id,text\nx,a', /got "x"/],
    ['two', 'id,text\n1', /row 0 of the CSV has 1 cells for 2 columns/],
    ['two', '', /the CSV must have a header/],
  ])('of %s refuses the CSV %j', async (model, csv, says) => {
    const { status, json } = await invoke(model, csv, 'text/csv');

    expect(status).toBe(400);
    expect(json).toMatchObject({ message: expect.stringMatching(says) });
  });

  it('refuses records that differ so much that few bytes would make many cells', async () => {
    const records = Array.from({ length: 3_000 }, (_, i) => ({ [`k${i}`]: 1 }));

    const { status, json } = await invoke('columns', { dataframe_records: records });

    expect(status).toBe(400);
    expect(json).toMatchObject({ message: expect.stringMatching(/more than 4194304 cells/) });
  });
});

describe('an invocation by SageMaker', () => {
  const server = { name: 'millrace', version: '2', isReady: () => true };
  const body = { dataframe_records: [{ a: 1, b: 2 }] };

  it('names its model by the path, the header or the default', async () => {
    const on = host();
    const answers = await Promise.all([
      asking(on, { server })({ path: '/models/columns/invoke', body }),
      asking(on, { server })({ path: '/invocations', body, headers: { 'x-amzn-sagemaker-target-model': 'columns' } }),
      asking(on, { server: { ...server, defaultModel: 'columns' } })({ path: '/invocations', body }),
      asking(on, { server })({ path: '/invocations', body }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400]);
    expect(answers[0]?.json).toEqual({ predictions: [{ sum: 3 }] });
    expect(answers[3]?.json).toMatchObject({ message: expect.stringMatching(/header x-amzn-sagemaker-target-model/) });
  });

  it('gives its predictions the id that the caller has for them', async () => {
    const on = host();
    const ask = (rows: number, id: string) =>
      asking(on)({
        path: '/models/columns/invocations',
        body: { dataframe_records: Array.from({ length: rows }, () => ({ a: 1, b: 2 })) },
        headers: { 'x-amzn-sagemaker-inference-id': id },
      });

    await ask(1, 'order-7');
    await ask(2, 'order-8');
    const refused = await ask(1, 'a b');

    expect(on.captured.map(({ predictionIds }) => predictionIds)).toEqual([['order-7'], ['order-8:0', 'order-8:1']]);
    expect(refused.status).toBe(400);
  });

  it('lists, loads and unloads models where the server can', async () => {
    const loaded = new Map<string, string>([['a', 's3://a']]);
    const inventory = {
      list: () => [...loaded].map(([modelName, modelUrl]) => ({ modelName, modelUrl })),
      load: async (model: string, url: string) => {
        if (loaded.has(model)) throw new AlreadyExistsError(`${model} is loaded`);
        if (model === 'huge') throw new UnavailableError('no memory is left for huge');
        loaded.set(model, url);
      },
      unload: (model: string) => {
        if (!loaded.delete(model)) throw new NotFoundError(`${model} is not loaded`);
      },
    };
    const ask = asking(host(), { server: { ...server, models: inventory } });
    const load = (model: string) => ask({ path: '/models', body: { model_name: model, url: `s3://${model}` } });

    const statuses = [
      await load('b'),
      await load('a'),
      await load('huge'),
      await ask({ path: '/models', body: { model_name: 5 } }),
      await ask({ method: 'DELETE', path: '/models/a' }),
      await ask({ method: 'DELETE', path: '/models/a' }),
      await ask({ method: 'GET', path: '/models/a' }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([200, 409, 507, 400, 200, 404, 404]);
    expect((await ask({ method: 'GET', path: '/models' })).json).toEqual({
      models: [{ modelName: 'b', modelUrl: 's3://b' }],
    });
    expect((await asking(host(), { server })({ method: 'GET', path: '/models' })).status).toBe(404);
  });
});
