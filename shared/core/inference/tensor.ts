/** Tensors as every way into a model sees them: the Open Inference Protocol's datatypes, row-major data. */

export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type Datatype = (typeof DATATYPES)[number];

/**
 * A tensor's elements: BOOL and UINT8 in a Uint8Array (BOOL as 0 and 1), 64-bit integers in BigInt arrays, FP16 in a
 * Float16Array, BYTES as text (ONNX's strings are UTF-8), and each other datatype in the array of its width.
 */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array
  | readonly string[];

/** What a model takes or gives, by the ONNX graph's names; -1 is a dimension that may vary. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** No negative dimension; the product is the number of elements. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}
