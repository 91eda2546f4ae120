import type { Datatype, Tensor, TensorData, TensorSpec } from '../../../shared/core/inference/index.ts';

/** Writes ONNX models for tests, as https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto numbers their fields. */

/** An attribute by its type; numbers of `ints` may be negative and of 64 bits. */
export type AttributeValue =
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly tensor: Omit<Tensor, 'name'> };

export interface DrawnNode {
  /** `domain:Operator`, or `Operator` of the default domain. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface DrawnModel {
  readonly nodes: readonly DrawnNode[];
  readonly inputs: readonly TensorSpec[];
  /** Without a datatype: a sequence of maps, as ZipMap gives. */
  readonly outputs: readonly (TensorSpec | { readonly name: string })[];
  readonly constants?: readonly Tensor[];
  readonly opset?: number;
  readonly mlOpset?: number;
}

const ELEMENT_TYPES: Readonly<Partial<Record<Datatype, number>>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
};

export const elementTypeOf = (datatype: Datatype): number => ELEMENT_TYPES[datatype]!;

type Bytes = readonly number[];

const varint = (value: number | bigint): Bytes => {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};

const integer = (field: number, value: number | bigint): Bytes => [...varint(field * 8), ...varint(value)];
const delimited = (field: number, content: Bytes): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes => delimited(field, [...new TextEncoder().encode(value)]);
const float = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

const tensorBytes = ({ datatype, shape, data }: Omit<Tensor, 'name'>, name = ''): Bytes => [
  ...shape.flatMap((size) => integer(1, size)),
  ...integer(2, elementTypeOf(datatype)),
  ...text(8, name),
  ...(datatype === 'BYTES'
    ? (data as readonly string[]).flatMap((each) => text(6, each))
    : delimited(9, rawBytes(data as Uint8Array))),
];

const rawBytes = (data: Exclude<TensorData, readonly string[]>): Bytes => [
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

/** Numbers one by one as Python writes them, or packed as other writers do. */
const contentOf = (value: AttributeValue, packed: boolean): Bytes => {
  if ('int' in value) return [...integer(3, value.int), ...integer(20, 2)];
  if ('float' in value) return [...float(2, value.float), ...integer(20, 1)];
  if ('text' in value) return [...text(4, value.text), ...integer(20, 3)];
  if ('tensor' in value) return [...delimited(5, tensorBytes(value.tensor)), ...integer(20, 4)];
  if ('texts' in value) return [...value.texts.flatMap((each) => text(9, each)), ...integer(20, 8)];
  if ('floats' in value) {
    const content = packed
      ? delimited(7, [...new Uint8Array(Float32Array.from(value.floats).buffer)])
      : value.floats.flatMap((each) => float(7, each));
    return [...content, ...integer(20, 6)];
  }
  const content = packed ? delimited(8, value.ints.flatMap(varint)) : value.ints.flatMap((each) => integer(8, each));
  return [...content, ...integer(20, 7)];
};

const nodeBytes = ({ operator, inputs, outputs, attributes = {} }: DrawnNode, packed: boolean): Bytes => {
  const [domain, name] = operator.includes(':') ? operator.split(':') : ['', operator];
  return [
    ...inputs.flatMap((each) => text(1, each)),
    ...outputs.flatMap((each) => text(2, each)),
    ...text(3, `${name}/${outputs.join()}`),
    ...text(4, name!),
    ...text(7, domain!),
    ...Object.entries(attributes).flatMap(([key, value]) =>
      delimited(5, [...text(1, key), ...contentOf(value, packed)]),
    ),
  ];
};

const dimensionBytes = (size: number, axis: number): Bytes =>
  delimited(1, size === -1 ? text(2, `d${axis}`) : integer(1, size));

const specBytes = (spec: TensorSpec | { readonly name: string }): Bytes => {
  if (!('datatype' in spec)) {
    const map = [...integer(1, 7), ...delimited(2, delimited(1, integer(1, 1)))];
    return [...text(1, spec.name), ...delimited(2, delimited(4, delimited(1, delimited(5, map))))];
  }
  const shape = delimited(2, spec.shape.flatMap(dimensionBytes));
  const tensor = [...integer(1, elementTypeOf(spec.datatype)), ...shape];
  return [...text(1, spec.name), ...delimited(2, delimited(1, tensor))];
};

export const onnxBytes = (
  { nodes, inputs, outputs, constants = [], opset = 17, mlOpset = 3 }: DrawnModel,
  { packed = false }: { readonly packed?: boolean } = {},
): Uint8Array => {
  const graph = [
    ...nodes.flatMap((node) => delimited(1, nodeBytes(node, packed))),
    ...text(2, 'drawn'),
    ...constants.flatMap((constant) => delimited(5, tensorBytes(constant, constant.name))),
    ...inputs.flatMap((input) => delimited(11, specBytes(input))),
    ...outputs.flatMap((output) => delimited(12, specBytes(output))),
  ];
  const version = (domain: string, number: number): Bytes => delimited(8, [...text(1, domain), ...integer(2, number)]);
  return Uint8Array.from([
    ...integer(1, 8),
    ...delimited(7, graph),
    ...version('', opset),
    ...version('ai.onnx.ml', mlOpset),
  ]);
};
