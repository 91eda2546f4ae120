import { InvalidRequestError } from '../../kernel/errors.ts';
import { MAX_INSTANCES } from './decode-predict-request.ts';
import { checkFeatureValue } from './feature-value.ts';
import type { FeatureValue, ModelInput, ModelSignature } from './signature.ts';

/**
 * Open Inference Protocol V2, JSON form: https://github.com/kserve/open-inference-protocol (inference_rest.md).
 * Each feature is one input tensor of shape [rows] or [rows, 1]. The binary tensor extension is refused by name.
 */

export interface OpenInferenceRequest {
  readonly id?: string;
  readonly rows: readonly Readonly<Record<string, FeatureValue>>[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const rowCountOf = (shape: unknown, name: string): number => {
  const valid =
    Array.isArray(shape) &&
    (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) &&
    Number.isInteger(shape[0]) &&
    shape[0] >= 1 &&
    shape[0] <= MAX_INSTANCES;
  if (!valid) {
    throw new InvalidRequestError(
      `input ${name} must have shape [rows] or [rows, 1] with 1 to ${MAX_INSTANCES} rows, got ${JSON.stringify(shape)?.slice(0, 60)}`,
    );
  }
  return shape[0];
};

/** Data comes flat or nested by row; deeper nesting does not fit a feature's shape. */
const flatten = (data: unknown, rowCount: number, name: string): readonly unknown[] => {
  if (!Array.isArray(data)) throw new InvalidRequestError(`input ${name} must have its data as a list`);
  const flat = data.map((cell) => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell));
  if (flat.length !== rowCount) {
    throw new InvalidRequestError(`input ${name} has ${flat.length} values for ${rowCount} rows`);
  }
  return flat;
};

interface InputTensor {
  readonly rowCount: number;
  readonly values: readonly FeatureValue[];
}

const decodeTensor = (input: ModelInput, tensor: Readonly<Record<string, unknown>>): InputTensor => {
  if (tensor.datatype !== input.datatype) {
    throw new InvalidRequestError(
      `input ${input.name} must have datatype ${input.datatype}, got ${JSON.stringify(tensor.datatype)?.slice(0, 60)}`,
    );
  }
  if (isObject(tensor.parameters) && 'binary_data_size' in tensor.parameters) {
    throw new InvalidRequestError('the binary tensor extension is not supported: send data as JSON');
  }
  const rowCount = rowCountOf(tensor.shape, input.name);
  const values = flatten(tensor.data, rowCount, input.name).map((cell) => checkFeatureValue(input, cell));
  return { rowCount, values };
};

const tensorsByName = (inputs: unknown): ReadonlyMap<string, Readonly<Record<string, unknown>>> => {
  if (!Array.isArray(inputs) || !inputs.every(isObject))
    throw new InvalidRequestError('inputs must be a list of tensors');
  const byName = new Map(inputs.map((tensor) => [String(tensor.name), tensor]));
  if (byName.size !== inputs.length) throw new InvalidRequestError('inputs must not repeat a name');
  return byName;
};

const checkOutputs = (signature: ModelSignature, outputs: unknown): void => {
  if (outputs === undefined) return;
  if (!Array.isArray(outputs) || !outputs.every(isObject))
    throw new InvalidRequestError('outputs must be a list of {name}');
  const known = signature.outputs.map(({ name }) => name);
  for (const { name, parameters } of outputs) {
    if (!known.includes(String(name))) {
      throw new InvalidRequestError(
        `the model has no output ${JSON.stringify(name)?.slice(0, 60)}; it has ${known.join(', ')}`,
      );
    }
    if (isObject(parameters) && parameters.binary_data === true) {
      throw new InvalidRequestError('the binary tensor extension is not supported: ask for JSON outputs');
    }
  }
};

/**
 * The body of `POST /v2/models/{model}/infer`.
 * @throws InvalidRequestError
 */
export const decodeOpenInference = (signature: ModelSignature, body: unknown): OpenInferenceRequest => {
  if (!isObject(body)) throw new InvalidRequestError('the body must be a JSON object with inputs');
  if (body.id !== undefined && typeof body.id !== 'string') throw new InvalidRequestError('id must be text');
  if (isObject(body.parameters) && body.parameters.binary_data_output === true) {
    throw new InvalidRequestError('the binary tensor extension is not supported: ask for JSON outputs');
  }
  checkOutputs(signature, body.outputs);
  const tensors = tensorsByName(body.inputs);
  const extra = [...tensors.keys()].find((name) => !signature.inputs.some((input) => input.name === name));
  if (extra !== undefined)
    throw new InvalidRequestError(`the model has no input ${JSON.stringify(extra.slice(0, 60))}`);
  const columns = signature.inputs.map((input) => {
    const tensor = tensors.get(input.name);
    if (tensor === undefined) throw new InvalidRequestError(`inputs lack ${input.name}`);
    return { name: input.name, ...decodeTensor(input, tensor) };
  });
  const rowCount = columns[0]?.rowCount ?? 0;
  const uneven = columns.find((column) => column.rowCount !== rowCount);
  if (uneven)
    throw new InvalidRequestError(`input ${uneven.name} has ${uneven.rowCount} rows, the first has ${rowCount}`);
  const rows = Array.from({ length: rowCount }, (_, i) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[i] ?? null])),
  );
  return body.id === undefined ? { rows } : { id: body.id, rows };
};

/** Model metadata as `GET /v2/models/{model}` answers it. */
export const openInferenceMetadata = (model: string, version: number, signature: ModelSignature) => ({
  name: model,
  versions: [String(version)],
  platform: 'onnx_onnxv1',
  inputs: signature.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  outputs: signature.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
});

/** The answer of an inference: one output tensor of shape [rows, 1]. */
export const openInferenceResponse = (answer: {
  readonly model: string;
  readonly version: number;
  readonly signature: ModelSignature;
  readonly outputs: Float32Array;
  readonly predictionIds: readonly string[];
  readonly id?: string;
}) => ({
  model_name: answer.model,
  model_version: String(answer.version),
  ...(answer.id === undefined ? {} : { id: answer.id }),
  parameters: { prediction_ids: answer.predictionIds.join(',') },
  outputs: [
    {
      name: answer.signature.outputs[0]?.name ?? 'value',
      shape: [answer.outputs.length, 1],
      datatype: 'FP32',
      data: [...answer.outputs],
    },
  ],
});
