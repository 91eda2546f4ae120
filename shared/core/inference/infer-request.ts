import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { readBinary } from './binary-tensor.ts';
import { readFeatureCells, readFeatureShape, requireFeatureData } from './feature-tensor.ts';
import { type InferBody, isObject, type JsonObject } from './infer-body.ts';
import { readElements } from './json-elements.ts';
import type { InputPlan, ModelPlan } from './model-plan.ts';
import type { Tensor } from './tensor.ts';
import { readShape } from './tensor-shape.ts';

/**
 * The body of `POST /v2/models/{model}/infer`: https://github.com/kserve/open-inference-protocol (inference_rest.md),
 * with the binary tensor extension.
 */

export interface WantedOutput {
  readonly name: string;
  readonly binary: boolean;
}

export interface InferRequest {
  readonly id?: string;
  /** In the model's order. */
  readonly inputs: readonly Tensor[];
  /** The first dimension of the first input; 1 where it has none. */
  readonly rowCount: number;
  /** Undefined for all, in the model's order. */
  readonly outputs?: readonly WantedOutput[];
  /** Whether outputs that say nothing of it themselves are answered in binary form. */
  readonly binaryOutputs: boolean;
}

/** Of Triton's, those that would change the answer. Others are the sender's own affair, as the protocol leaves them. */
const REFUSED_PARAMETERS = ['classification', 'shared_memory_region', 'sequence_id'];

const parametersOf = (holder: JsonObject, where: string): JsonObject | undefined => {
  const { parameters } = holder;
  if (parameters === undefined) return undefined;
  if (!isObject(parameters)) {
    throw new InvalidRequestError(`${where}parameters must be an object, got ${showValue(parameters)}`);
  }
  const refused = REFUSED_PARAMETERS.find((name) => Object.hasOwn(parameters, name));
  if (refused === undefined) return parameters;
  throw new InvalidRequestError(`${where}parameters.${refused} is not supported`);
};

const flagOf = (parameters: JsonObject | undefined, key: string, where: string): boolean | undefined => {
  const flag = parameters?.[key];
  if (flag === undefined || typeof flag === 'boolean') return flag;
  throw new InvalidRequestError(`${where}parameters.${key} must be true or false, got ${showValue(flag)}`);
};

/** A tensor's name: text, which an object with a `toString` of its own could not even be turned into. */
const nameOf = ({ name }: JsonObject, where: string): string => {
  if (typeof name === 'string') return name;
  throw new InvalidRequestError(`${where}.name must be text, got ${showValue(name)}`);
};

const readOutputs = (
  { outputIndex }: ModelPlan,
  outputs: unknown,
  binaryOutputs: boolean,
): readonly WantedOutput[] | undefined => {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs) || !outputs.every(isObject)) {
    throw new InvalidRequestError(`outputs must be a list of {name}, got ${showValue(outputs)}`);
  }
  const names = new Set<string>();
  const wanted = outputs.map((output: JsonObject, i) => {
    const name = nameOf(output, `outputs[${i}]`);
    if (!outputIndex.has(name)) {
      throw new InvalidRequestError(
        `the model has no output ${showValue(name)}; it has ${[...outputIndex.keys()].join(', ')}`,
      );
    }
    if (names.size === names.add(name).size) throw new InvalidRequestError(`outputs repeat ${name}`);
    const where = `outputs[${i}].`;
    return { name, binary: flagOf(parametersOf(output, where), 'binary_data', where) ?? binaryOutputs };
  });
  return wanted.length === 0 ? undefined : wanted;
};

/** What is left of the raw tensors: they stand in the order of the inputs. */
interface RawTensors {
  bytes: Uint8Array;
}

/** The tensor's own part of the raw bytes; undefined where its data is JSON. */
const takeRaw = (raw: RawTensors, tensor: JsonObject, where: string): Uint8Array | undefined => {
  const size = parametersOf(tensor, `${where}: `)?.binary_data_size;
  if (size === undefined) return undefined;
  if (tensor.data !== undefined) {
    throw new InvalidRequestError(`${where} must have data or parameters.binary_data_size, not both`);
  }
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > raw.bytes.length) {
    throw new InvalidRequestError(
      `${where}: parameters.binary_data_size must be a count of the ${raw.bytes.length} bytes left, got ${showValue(size)}`,
    );
  }
  const own = raw.bytes.subarray(0, size);
  raw.bytes = raw.bytes.subarray(size);
  return own;
};

const readTensor = (input: InputPlan, tensor: JsonObject, raw: RawTensors, sizeBytes: number): Tensor => {
  const { spec, feature, where } = input;
  const { name, datatype } = spec;
  if (tensor.datatype !== datatype) {
    throw new InvalidRequestError(`${where} must have datatype ${datatype}, got ${showValue(tensor.datatype)}`);
  }
  const { data, parameters } = tensor;
  const bytes = parameters === undefined ? undefined : takeRaw(raw, tensor, where);
  if (feature !== undefined) {
    const rowCount = readFeatureShape(tensor.shape, where);
    const values =
      bytes === undefined
        ? readFeatureCells(feature, data, rowCount, where)
        : requireFeatureData(feature, readBinary(datatype, bytes, rowCount, where), where);
    return { name, datatype, shape: [rowCount, 1], data: values };
  }
  const { shape, count } = readShape(spec, tensor.shape, sizeBytes, where);
  const values =
    bytes === undefined
      ? readElements({ datatype, shape, count }, data, where)
      : readBinary(datatype, bytes, count, where);
  return { name, datatype, shape, data: values };
};

const indexOfInput = ({ inputs, inputIndex }: ModelPlan, name: string, expected: number): number => {
  if (inputs[expected]?.spec.name === name) return expected;
  const index = inputIndex.get(name);
  if (index !== undefined) return index;
  throw new InvalidRequestError(
    `the model has no input ${showValue(name)}; it has ${[...inputIndex.keys()].join(', ')}`,
  );
};

const readInputs = (plan: ModelPlan, given: unknown, raw: RawTensors, sizeBytes: number): readonly Tensor[] => {
  if (!Array.isArray(given)) {
    throw new InvalidRequestError(`inputs must be a list of tensors, got ${showValue(given)}`);
  }
  const tensors = new Array<Tensor | undefined>(plan.inputs.length).fill(undefined);
  for (let i = 0; i < given.length; i += 1) {
    const tensor: unknown = given[i];
    if (!isObject(tensor)) {
      throw new InvalidRequestError(
        `inputs[${i}] must be a tensor {name, shape, datatype, data}, got ${showValue(tensor)}`,
      );
    }
    const name = typeof tensor.name === 'string' ? tensor.name : nameOf(tensor, `inputs[${i}]`);
    const index = indexOfInput(plan, name, i);
    if (tensors[index] !== undefined) throw new InvalidRequestError(`inputs repeat ${name}`);
    tensors[index] = readTensor(plan.inputs[index] as InputPlan, tensor, raw, sizeBytes);
  }
  if (given.length === tensors.length) return tensors as readonly Tensor[];
  const missing = plan.inputs.filter((_, i) => tensors[i] === undefined).map(({ spec }) => spec.name);
  throw new InvalidRequestError(`inputs lack ${missing.join(', ')}`);
};

const requireEvenRows = (inputs: readonly Tensor[]): void => {
  const rowCount = inputs[0]?.shape[0];
  for (const { name, shape } of inputs) {
    if (shape[0] !== rowCount) {
      throw new InvalidRequestError(`input ${name} has ${shape[0]} rows, the first has ${rowCount}`);
    }
  }
};

/** @throws InvalidRequestError that names the place. */
export const readInferRequest = (plan: ModelPlan, { json, raw, sizeBytes }: InferBody): InferRequest => {
  const { id } = json;
  if (id !== undefined && typeof id !== 'string') {
    throw new InvalidRequestError(`id must be text, got ${showValue(id)}`);
  }
  const binaryOutputs = flagOf(parametersOf(json, ''), 'binary_data_output', '') ?? false;
  const outputs = readOutputs(plan, json.outputs, binaryOutputs);
  const rest = { bytes: raw };
  const inputs = readInputs(plan, json.inputs, rest, sizeBytes);
  if (rest.bytes.length > 0) {
    throw new InvalidRequestError(`the body has ${rest.bytes.length} bytes after its last raw tensor`);
  }
  if (plan.signature !== undefined) requireEvenRows(inputs);
  return {
    ...(id === undefined ? {} : { id }),
    ...(outputs === undefined ? {} : { outputs }),
    inputs,
    rowCount: inputs[0]?.shape[0] ?? 1,
    binaryOutputs,
  };
};
