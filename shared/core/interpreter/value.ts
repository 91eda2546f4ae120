import { assert } from '../../kernel/assert.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Datatype, TensorData } from '../inference/index.ts';

/** A tensor on its way through a graph. Its data is never written again once a kernel has given it away. */
export interface Value {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type FloatDatatype = 'FP32' | 'FP64';

/** Of one tensor: what a request of a few megabytes can be made to unfold into stays far below the memory. */
const MOST_ELEMENTS = 2 ** 24;

export const countOf = (shape: readonly number[]): number => {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
};

/** @throws InvalidRequestError for a shape of more elements than a tensor may have. */
export const checkedCountOf = (shape: readonly number[]): number => {
  const count = countOf(shape);
  if (count > MOST_ELEMENTS) {
    throw new InvalidRequestError(`a tensor may have ${MOST_ELEMENTS} elements, shape [${shape}] has ${count}`);
  }
  return count;
};

const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** An element; which kind it is, its tensor's datatype says. */
export type Cell = number | bigint | string;

/** Elements of any datatype, for kernels that only move them. */
export interface Cells {
  readonly length: number;
  [index: number]: Cell;
}

/** New elements: zeros, or empty texts. */
export const newData = (datatype: Datatype, count: number): TensorData => {
  if (datatype === 'BYTES') return Array.from({ length: count }, () => '');
  assert(datatype !== 'FP16', 'FP16 is not interpreted');
  return new ARRAYS[datatype](count);
};

export const newValue = (datatype: Datatype, shape: readonly number[]): Value => ({
  datatype,
  shape,
  data: newData(datatype, checkedCountOf(shape)),
});

/** Is the data of the array that its datatype stands for? */
export const fitsDatatype = (datatype: Datatype, data: TensorData): boolean =>
  datatype === 'BYTES' ? Array.isArray(data) : datatype !== 'FP16' && data instanceof ARRAYS[datatype];

export const cellsOf = ({ data }: Value): Cells => data as unknown as Cells;

export const isBig = (datatype: Datatype): boolean => datatype === 'INT64' || datatype === 'UINT64';

export const isFloat = (datatype: Datatype): datatype is FloatDatatype => datatype === 'FP32' || datatype === 'FP64';

/** Any number as a double; 64-bit integers lose what a double cannot hold. */
export const numbersOf = ({ data }: Value): ArrayLike<number> => {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  assert(!Array.isArray(data), 'texts are no numbers');
  return data as ArrayLike<number>;
};

/** Row-major steps of each axis. */
export const stridesOf = (shape: readonly number[]): readonly number[] => {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
};

/** @throws InvalidRequestError for an axis that is not in [-rank, rank). */
export const axisOf = (axis: number, rank: number): number => {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new InvalidRequestError(`axis must be in [${-rank}, ${rank}), got ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
};
