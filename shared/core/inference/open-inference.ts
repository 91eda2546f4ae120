import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
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
      `input ${name} must have shape [rows] or [rows, 1] with 1 to ${MAX_INSTANCES} rows, got ${showValue(shape)}`,
    );
  }
  return shape[0];
};

/** Data comes flat or nested by row; deeper nesting does not fit a feature's shape. */
const flatten = (data: unknown, rowCount: number, name: string): readonly unknown[] => {
  if (!Array.isArray(data))
    throw new InvalidRequestError(`input ${name} must have its data as a list, got ${showValue(data)}`);
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
      `input ${input.name} must have datatype ${input.datatype}, got ${showValue(tensor.datatype)}`,
    );
  }
  if (isObject(tensor.parameters) && 'binary_data_size' in tensor.parameters) {
    throw new InvalidRequestError('the binary tensor extension is not supported: send data as JSON');
  }
  const rowCount = rowCountOf(tensor.shape, input.name);
  const values = flatten(tensor.data, rowCount, input.name).map((cell, row) =>
    checkFeatureValue(input, cell, `input ${input.name}, row ${row},`),
  );
  return { rowCount, values };
};

/** A tensor's name: text, which an object with a `toString` of its own could not even be turned into. */
const nameOf = ({ name }: Readonly<Record<string, unknown>>, where: string): string => {
  if (typeof name === 'string') return name;
  throw new InvalidRequestError(`${where}.name must be text, got ${showValue(name)}`);
};

const tensorsByName = (inputs: unknown): ReadonlyMap<string, Readonly<Record<string, unknown>>> => {
  if (!Array.isArray(inputs))
    throw new InvalidRequestError(`inputs must be a list of tensors, got ${showValue(inputs)}`);
  const byName = new Map(
    inputs.map((tensor: unknown, i) => {
      if (isObject(tensor)) return [nameOf(tensor, `inputs[${i}]`), tensor];
      throw new InvalidRequestError(
        `inputs[${i}] must be a tensor {name, shape, datatype, data}, got ${showValue(tensor)}`,
      );
    }),
  );
  if (byName.size !== inputs.length) throw new InvalidRequestError('inputs must not repeat a name');
  return byName;
};

const checkOutputs = (signature: ModelSignature, outputs: unknown): void => {
  if (outputs === undefined) return;
  if (!Array.isArray(outputs) || !outputs.every(isObject))
    throw new InvalidRequestError(`outputs must be a list of {name}, got ${showValue(outputs)}`);
  const known = signature.outputs.map(({ name }) => name);
  for (const [i, output] of outputs.entries()) {
    const name = nameOf(output, `outputs[${i}]`);
    if (!known.includes(name)) {
      throw new InvalidRequestError(`the model has no output ${showValue(name)}; it has ${known.join(', ')}`);
    }
    if (isObject(output.parameters) && output.parameters.binary_data === true) {
      throw new InvalidRequestError('the binary tensor extension is not supported: ask for JSON outputs');
    }
  }
};

const checkNames = (known: readonly string[], given: readonly string[]): void => {
  const extra = given.find((name) => !known.includes(name));
  if (extra !== undefined) {
    throw new InvalidRequestError(`the model has no input ${showValue(extra)}; it has ${known.join(', ')}`);
  }
  const missing = known.filter((name) => !given.includes(name));
  if (missing.length > 0) throw new InvalidRequestError(`inputs lack ${missing.join(', ')}`);
};

/**
 * The body of `POST /v2/models/{model}/infer`.
 * @throws InvalidRequestError
 */
export const decodeOpenInference = (signature: ModelSignature, body: unknown): OpenInferenceRequest => {
  if (!isObject(body))
    throw new InvalidRequestError(`the body must be a JSON object with inputs, got ${showValue(body)}`);
  if (body.id !== undefined && typeof body.id !== 'string')
    throw new InvalidRequestError(`id must be text, got ${showValue(body.id)}`);
  if (isObject(body.parameters) && body.parameters.binary_data_output === true) {
    throw new InvalidRequestError('the binary tensor extension is not supported: ask for JSON outputs');
  }
  checkOutputs(signature, body.outputs);
  const tensors = tensorsByName(body.inputs);
  checkNames(
    signature.inputs.map(({ name }) => name),
    [...tensors.keys()],
  );
  const columns = signature.inputs.map((input) => ({
    name: input.name,
    ...decodeTensor(input, tensors.get(input.name) ?? {}),
  }));
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
