import {
  createInferenceApi,
  DATATYPES,
  type InferenceAnswer,
  type InferenceApiOptions,
  type InferenceHost,
  type InferenceRequest,
  type ModelSignature,
  type Prediction,
  type ServableModel,
  type Tensor,
  type TensorSpec,
} from '../../shared/core/inference/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten, showValue } from '../../shared/kernel/show-value.ts';

/** Models whose answers can be told by hand, and a host that has them. */

const toySignature: ModelSignature = {
  task: 'binary-classification',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: false },
    { name: 'share', datatype: 'FP32', shape: [-1, 1], nullable: true },
    { name: 'kind', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

/** Two rows for the toy model as tensors, right but for a change of `x`. */
export const toyTensors = (change: object = {}) => [
  { name: 'x', shape: [2, 1], datatype: 'FP32', data: [0.25, 0.1], ...change },
  { name: 'share', shape: [2], datatype: 'FP32', data: [1, null] },
  { name: 'kind', shape: [2, 1], datatype: 'BYTES', data: [['a'], ['b']] },
];

const rowsOf = ([first]: readonly Tensor[]): number => first?.shape[0] ?? 0;

/** By feature name: the probability is x, or 0.5 where share is missing. */
const toyModel: ServableModel = {
  name: 'toy',
  version: '3',
  ...toySignature,
  signature: toySignature,
  run: (inputs) => {
    const [x, share] = inputs.map(({ data }) => data as Float32Array);
    const data = Float32Array.from(x ?? [], (value, row) => (Number.isNaN(share?.[row]) ? 0.5 : value));
    return [{ name: 'probability', datatype: 'FP32', shape: [rowsOf(inputs), 1], data }];
  },
};

const echoed = (specs: readonly TensorSpec[]) => (inputs: readonly Tensor[], outputNames?: readonly string[]) =>
  (outputNames ?? specs.map(({ name }) => `${name}_out`)).map((name) => {
    const input = inputs.find((each) => `${each.name}_out` === name);
    if (input === undefined) throw new Error(`no input for ${name}`);
    return { ...input, name };
  });

/** A model that gives back what it takes, under names that end in `_out`. */
export const echoModel = (name: string, inputs: readonly TensorSpec[]): ServableModel => ({
  name,
  version: '1',
  inputs,
  outputs: inputs.map((spec) => ({ ...spec, name: `${spec.name}_out` })),
  run: echoed(inputs),
});

export const TEST_MODELS: readonly ServableModel[] = [
  toyModel,
  echoModel(
    'every',
    DATATYPES.map((datatype) => ({ name: datatype.toLowerCase(), datatype, shape: [-1] })),
  ),
  ...DATATYPES.map((datatype) =>
    echoModel(`only-${datatype.toLowerCase()}`, [{ name: 'x', datatype, shape: [-1, 2] }]),
  ),
  echoModel('image', [{ name: 'pixels', datatype: 'FP32', shape: [-1, 3, 2, -1] }]),
  echoModel('scalar', [{ name: 'x', datatype: 'FP64', shape: [] }]),
];

export interface TestHost extends InferenceHost {
  readonly captured: Prediction[];
}

/** @param changes of the host's methods. */
export const createTestHost = (
  changes: Partial<InferenceHost> = {},
  models: readonly ServableModel[] = TEST_MODELS,
): TestHost => {
  const captured: Prediction[] = [];
  return {
    captured,
    find: (name, version) => {
      const found = models.find((model) => model.name === name);
      if (found === undefined) throw new NotFoundError(`model ${showValue(name)} is not deployed`);
      if (version === undefined || version === found.version) return found;
      throw new NotFoundError(`version ${shorten(version)} of ${name} is not in service; version ${found.version} is`);
    },
    capture: (prediction) => {
      captured.push(prediction);
    },
    predictionId: (requestId, row) => `${requestId}-${row}`,
    elapsedMs: () => 0,
    ...changes,
  };
};

export interface TestRequest {
  readonly method?: string;
  readonly path: string;
  /** Anything but text and bytes is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const inferenceRequest = ({
  method = 'POST',
  path,
  body = '',
  headers = {},
}: TestRequest): InferenceRequest => ({
  method,
  path,
  query: {},
  header: (name) => headers[name],
  body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  requestId: 'request',
});

export interface TestAnswer extends InferenceAnswer {
  /** The body, where it is JSON. */
  readonly json: unknown;
}

const jsonOf = (body: string | Uint8Array): unknown => {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    return undefined;
  }
};

/** Asks an API over the host, which answers whether at once or later. */
export const asking =
  (host: InferenceHost = createTestHost(), options: Partial<InferenceApiOptions> = {}) =>
  async (request: TestRequest): Promise<TestAnswer> => {
    const api = createInferenceApi(host, { maxBodyBytes: 1_000_000, ...options });
    const answer = await api(inferenceRequest(request));
    return { ...answer, json: jsonOf(answer.body) };
  };
