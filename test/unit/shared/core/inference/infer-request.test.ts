import { describe, expect, it } from 'vitest';
import { createInferenceApi, DATATYPES, type Prediction } from '../../../../../shared/core/inference/index.ts';
import { asking, createTestHost, inferenceRequest, toyTensors } from '../../../../helpers/inference-models.ts';

const ask = asking();

const infer = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ask({ path: '/v2/models/toy/infer', body, headers });

describe('an inference of a model by feature name', () => {
  it('answers the outputs, the ids of the predictions and the id of the request', async () => {
    const { status, headers, json } = await infer({ id: 'r-1', inputs: toyTensors() });

    expect({ status, headers, json }).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      json: {
        model_name: 'toy',
        model_version: '3',
        id: 'r-1',
        parameters: { prediction_ids: 'request-0,request-1' },
        outputs: [{ name: 'probability', shape: [2, 1], datatype: 'FP32', data: [0.25, 0.5] }],
      },
    });
  });

  it('has its tensors and outputs captured before the answer leaves', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const host = createTestHost({
      elapsedMs: (() => {
        let now = 0;
        return () => (now += 7);
      })(),
    });
    const slow = {
      ...host,
      capture: (prediction: Prediction) => {
        host.captured.push(prediction);
        return released;
      },
    };
    const answered = asking(slow)({ path: '/v2/models/toy/infer', body: { inputs: toyTensors() } });
    let left = false;
    const leaving = answered.then(() => {
      left = true;
    });
    await new Promise((resolve) => setImmediate(resolve));

    expect(left).toBe(false);
    expect(host.captured).toMatchObject([
      { rowCount: 2, predictionIds: ['request-0', 'request-1'], latencyMs: 7, model: { name: 'toy' } },
    ]);
    expect(host.captured[0]?.inputs.map(({ data }) => data)).toEqual([
      Float32Array.of(0.25, 0.1),
      Float32Array.of(1, Number.NaN),
      ['a', 'b'],
    ]);
    release();
    await leaving;
    expect(left).toBe(true);
  });

  it('is answered at once where nothing waits', () => {
    const api = createInferenceApi(createTestHost(), { maxBodyBytes: 10_000 });

    expect(api(inferenceRequest({ path: '/v2/models/toy/infer', body: { inputs: toyTensors() } }))).not.toBeInstanceOf(
      Promise,
    );
  });

  it.each([
    ['no inputs', {}, /inputs must be a list of tensors, got nothing/],
    ['a list', [], /the body must be a JSON object with inputs, got \[\]/],
    ['a missing input', { inputs: toyTensors().slice(1) }, /inputs lack x/],
    ['a repeated input', { inputs: [...toyTensors(), toyTensors()[0]] }, /inputs repeat x/],
    ['an unknown input', { inputs: [{ name: '__proto__' }] }, /no input "__proto__"; it has x, share, kind/],
    ['a name that is no text', { inputs: [{ name: { toString: 1 } }] }, /inputs\[0\]\.name must be text/],
    ['no tensor', { inputs: [null] }, /inputs\[0\] must be a tensor/],
    ['another datatype', { inputs: toyTensors({ datatype: 'FP64' }) }, /x must have datatype FP32, got "FP64"/],
    [
      'no shape',
      { inputs: toyTensors({ shape: undefined }) },
      /shape \[rows\] or \[rows, 1\] with 1 to 500 rows, got nothing/,
    ],
    ['no rows', { inputs: toyTensors({ shape: [0], data: [] }) }, /1 to 500 rows, got \[0\]/],
    ['too many rows', { inputs: toyTensors({ shape: [501] }) }, /1 to 500 rows, got \[501\]/],
    ['a huge shape', { inputs: toyTensors({ shape: [2 ** 31, 2 ** 31] }) }, /got \[2147483648, 2147483648\]/],
    ['uneven rows', { inputs: toyTensors({ shape: [1], data: [1] }) }, /input share has 2 rows, the first has 1/],
    ['a wrong count', { inputs: toyTensors({ data: [1] }) }, /input x has 1 values for 2 rows/],
    [
      'text for a number',
      { inputs: toyTensors({ data: [1, '2'] }) },
      /input x, row 1, must be a finite number.*got "2"/,
    ],
    ['a missing number', { inputs: toyTensors({ data: [null, 1] }) }, /input x, row 0, .*got null/],
    ['deeper data', { inputs: toyTensors({ data: [[[1]], [[1]]] }) }, /input x, row 0, .*got \[/],
    ['an id that is no text', { id: 1, inputs: toyTensors() }, /id must be text, got 1/],
    ['odd parameters', { parameters: [], inputs: toyTensors() }, /parameters must be an object/],
    ['an unknown output', { inputs: toyTensors(), outputs: [{ name: 'y' }] }, /no output "y"; it has probability/],
    [
      'a repeated output',
      { inputs: toyTensors(), outputs: [{ name: 'probability' }, { name: 'probability' }] },
      /outputs repeat/,
    ],
    [
      'a flag that is none',
      { inputs: toyTensors(), parameters: { binary_data_output: 1 } },
      /binary_data_output must be true or false, got 1/,
    ],
    [
      'shared memory',
      { inputs: toyTensors({ parameters: { shared_memory_region: 'r' } }) },
      /input x: parameters\.shared_memory_region is not supported/,
    ],
    [
      'classification',
      { inputs: toyTensors(), outputs: [{ name: 'probability', parameters: { classification: 2 } }] },
      /outputs\[0\]\.parameters\.classification is not supported/,
    ],
    [
      'raw bytes that did not come',
      { inputs: toyTensors({ data: undefined, parameters: { binary_data_size: 8 } }) },
      /count of the 0 bytes left, got 8/,
    ],
  ])('with %s is refused under the key error', async (_name, body, says) => {
    const { status, json } = await infer(body);

    expect(status).toBe(400);
    expect(json).toEqual({ error: expect.stringMatching(says) });
  });
});

describe('a model of any tensors', () => {
  it('takes and gives every datatype without losing anything', async () => {
    const data: Readonly<Record<string, readonly unknown[]>> = {
      bool: [true, false],
      uint8: [0, 255],
      uint16: [0, 65_535],
      uint32: [0, 4_294_967_295],
      int8: [-128, 127],
      int16: [-32_768, 32_767],
      int32: [-2_147_483_648, 2_147_483_647],
      fp16: [0.5, -65_504],
      fp32: [0.1, -3.4028235e38],
      fp64: [0.1, 1e-320],
      bytes: ['é', '\u0000'],
    };
    const wide = { uint64: '[0,18446744073709551615]', int64: '[-9223372036854775808,9007199254740993]' };
    const tensors = DATATYPES.map((datatype) => {
      const name = datatype.toLowerCase();
      const printed = name === 'uint64' || name === 'int64' ? wide[name] : JSON.stringify(data[name]);
      return `{"name":"${name}","shape":[2],"datatype":"${datatype}","data":${printed}}`;
    });

    const { status, body } = await ask({ path: '/v2/models/every/infer', body: `{"inputs":[${tensors.join(',')}]}` });

    expect(status).toBe(200);
    const echoed = tensors.map((tensor) => tensor.replace('","shape"', '_out","shape"'));
    expect(String(body).replaceAll('e+38', 'e38')).toBe(
      `{"model_name":"every","model_version":"1","outputs":[${echoed.join(',').replaceAll('e+38', 'e38')}]}`,
    );
  });

  it('takes data flat or nested, and gives the outputs that are asked for, in their order', async () => {
    const inputs = DATATYPES.map((datatype) => ({ name: datatype.toLowerCase(), shape: [0], datatype, data: [] }));
    const outputs = [{ name: 'fp64_out' }, { name: 'bool_out' }];

    const some = await ask({ path: '/v2/models/every/infer', body: { inputs, outputs } });
    const shapes = [
      [1, 2, 3, 4, 5, 6],
      [
        [
          [[1], [2]],
          [[3], [4]],
          [[5], [6]],
        ],
      ],
    ].map((data) =>
      ask({
        path: '/v2/models/image/infer',
        body: { inputs: [{ name: 'pixels', shape: [1, 3, 2, 1], datatype: 'FP32', data }] },
      }),
    );

    expect((some.json as { outputs: readonly { name: string }[] }).outputs.map(({ name }) => name)).toEqual([
      'fp64_out',
      'bool_out',
    ]);
    for (const { json } of await Promise.all(shapes)) {
      expect(json).toMatchObject({ outputs: [{ shape: [1, 3, 2, 1], data: [1, 2, 3, 4, 5, 6] }] });
    }
  });

  it('has nothing of its rows captured but their number', async () => {
    const host = createTestHost();

    await asking(host)({
      path: '/v2/models/scalar/infer',
      body: { inputs: [{ name: 'x', shape: [], datatype: 'FP64', data: [1] }] },
    });

    expect(host.captured).toMatchObject([{ rowCount: 1, predictionIds: [] }]);
  });

  const only = (datatype: string, change: object) =>
    ask({
      path: `/v2/models/only-${datatype.toLowerCase()}/infer`,
      body: { inputs: [{ name: 'x', shape: [1, 2], datatype, ...change }] },
    });

  it.each([
    ['BOOL', { data: [true, 1] }, /input x, element 1, must be true or false, got 1/],
    ['UINT8', { data: [0, 256] }, /must be an integer from 0 to 255, got 256/],
    ['INT8', { data: [0.5, 0] }, /element 0, must be an integer from -128 to 127, got 0.5/],
    ['INT64', { data: [0, 1e19] }, /from -9223372036854775808 to 9223372036854775807, written in digits, got 1/],
    ['UINT64', { data: [0, -1] }, /from 0 to 18446744073709551615, written in digits, got -1/],
    ['FP16', { data: [0, 65_520] }, /in the range of float16 or null, got 65520/],
    ['FP32', { data: [0, 1e39] }, /in the range of float32 or null, got 1e\+39/],
    ['FP64', { data: ['NaN', 0] }, /in the range of float64 or null, got "NaN"/],
    ['BYTES', { data: ['a', 1] }, /element 1, must be text without lone surrogates, got 1/],
    ['FP32', { data: [1, 2], shape: [2, 1] }, /must have shape \[-1, 2\] \(-1: any length\), got \[2, 1\]/],
    ['FP32', { data: [1, 2], shape: [2] }, /must have shape \[-1, 2\]/],
    ['FP32', { data: [1, 2], shape: [-1, 2] }, /got \[-1, 2\]/],
    ['FP32', { data: [1, 2], shape: [2 ** 30, 2] }, /2147483648 elements, more than a body of \d+ bytes holds/],
    ['FP32', { data: [1, 2, 3] }, /input x has 3 elements, its shape \[1, 2\] has 2/],
    [
      'FP32',
      {
        data: [
          [1, 2],
          [3, 4],
        ],
      },
      /input x has 2 lists, its shape \[1, 2\] has 1/,
    ],
    ['FP32', { data: [[1]] }, /lists of 2 on level 2, got 1/],
    ['FP32', { data: [[1, [2]]] }, /element 1, must be a number/],
    ['FP32', { data: 1 }, /must have its data as a list, got 1/],
  ])('refuses wrong tensors of %s: %j', async (datatype, change, says) => {
    const { status, json } = await only(datatype, change);

    expect(status).toBe(400);
    expect(json).toEqual({ error: expect.stringMatching(says) });
  });

  it.each(['1e17', '100000000000000001.5', '1e999'])(
    'refuses %s as a wide integer, whose digits are not known',
    async (written) => {
      const body = `{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","data":[1e5,${written}]}]}`;

      const { status, json } = await ask({ path: '/v2/models/only-int64/infer', body });

      expect(status).toBe(400);
      expect(json).toEqual({ error: expect.stringMatching(/element 1, must be an integer .*, written in digits/) });
    },
  );

  it('refuses text that is not well formed', async () => {
    const body = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":["\\ud800","a"]}]}';

    const { json } = await ask({ path: '/v2/models/only-bytes/infer', body });

    expect(json).toEqual({ error: expect.stringMatching(/element 0, must be text without lone surrogates/) });
  });
});

describe('the binary tensor extension', () => {
  const utf8 = new TextEncoder();
  const request = (json: object, raw: Uint8Array, path = '/v2/models/only-fp32/infer') => {
    const head = utf8.encode(JSON.stringify(json));
    const body = new Uint8Array([...head, ...raw]);
    return { path, body, headers: { 'inference-header-content-length': String(head.length) } };
  };
  const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
  const tensor = { name: 'x', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } };

  it('takes raw tensors and gives them where they are asked for', async () => {
    const { status, headers, body } = await ask(
      request({ inputs: [tensor], parameters: { binary_data_output: true } }, floats(1, -2)),
    );

    const length = Number(headers['inference-header-content-length']);
    const bytes = body as Uint8Array;
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)))).toEqual({
      model_name: 'only-fp32',
      model_version: '1',
      outputs: [{ name: 'x_out', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
    });
    expect(bytes.subarray(length)).toEqual(floats(1, -2));
  });

  it('lets each output be answered in its own form', async () => {
    const outputs = [{ name: 'x_out', parameters: { binary_data: false } }];

    const { json } = await ask(
      request({ inputs: [tensor], outputs, parameters: { binary_data_output: true } }, floats(1, -2)),
    );

    expect(json).toMatchObject({ outputs: [{ data: [1, -2] }] });
  });

  it('takes rows of features, where a missing number is NaN', async () => {
    const kind = utf8.encode('\u0001\u0000\u0000\u0000a');
    const inputs = [
      { name: 'kind', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: 5 } },
      { name: 'share', shape: [1, 1], datatype: 'FP32', parameters: { binary_data_size: 4 } },
      { name: 'x', shape: [1, 1], datatype: 'FP32', data: [0.25] },
    ];
    const raw = (share: number, x: object) =>
      request(
        { inputs: [inputs[0], inputs[1], { ...inputs[2], ...x }] },
        new Uint8Array([...kind, ...floats(share)]),
        '/v2/models/toy/infer',
      );

    const missing = await ask(raw(Number.NaN, {}));
    const infinite = await ask(raw(Number.POSITIVE_INFINITY, {}));

    expect(missing.json).toMatchObject({ outputs: [{ data: [0.5] }] });
    expect(infinite.json).toEqual({
      error: expect.stringMatching(/input share, row 0, must be a finite number.*got Infinity/),
    });
  });

  it.each([
    ['too few bytes', request({ inputs: [tensor] }, floats(1)), /count of the 4 bytes left, got 8/],
    ['too many bytes', request({ inputs: [tensor] }, floats(1, 2, 3)), /has 4 bytes after its last raw tensor/],
    [
      'a size that does not fit',
      request({ inputs: [{ ...tensor, parameters: { binary_data_size: 4 } }] }, floats(1)),
      /has 4 bytes; 2 elements of FP32 have 8/,
    ],
    [
      'a size that is none',
      request({ inputs: [{ ...tensor, parameters: { binary_data_size: -8 } }] }, floats(1, 2)),
      /got -8/,
    ],
    ['data twice', request({ inputs: [{ ...tensor, data: [1, 2] }] }, floats(1, 2)), /not both/],
    [
      'a huge shape',
      request({ inputs: [{ ...tensor, shape: [2 ** 31 - 1, 2] }] }, floats(1, 2)),
      /more than a body of/,
    ],
    [
      'a length beyond the body',
      { ...request({ inputs: [tensor] }, floats(1, 2)), headers: { 'inference-header-content-length': '9999' } },
      /0 to \d+, got "9999"/,
    ],
    [
      'a length that is none',
      { ...request({ inputs: [tensor] }, floats(1, 2)), headers: { 'inference-header-content-length': '1e3' } },
      /got "1e3"/,
    ],
    [
      'a body that came as text',
      { path: '/v2/models/toy/infer', body: '{}', headers: { 'inference-header-content-length': '2' } },
      /came as text/,
    ],
  ])('refuses %s', async (_name, bad, says) => {
    const { status, json } = await ask(bad);

    expect(status).toBe(400);
    expect(json).toEqual({ error: expect.stringMatching(says) });
  });
});
