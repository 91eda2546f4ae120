import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { FLOAT32_MAX } from './feature-value.ts';
import type { Datatype, TensorData } from './tensor.ts';

/** The largest number that rounds to a finite float16. */
const FLOAT16_MAX = 65_519.99999999999;

/** How the elements of a datatype come out of JSON: `fill` tells the first cell that does not fit, or -1. */
interface Elements<Data> {
  readonly allocate: (count: number) => Data;
  readonly fill: (out: Data, offset: number, cells: readonly unknown[]) => number;
  /** What a cell must be, as a message says it. */
  readonly expected: string;
}

const floats = <Data extends Float16Array | Float32Array | Float64Array>(
  allocate: (count: number) => Data,
  range: { readonly max: number; readonly named: string },
): Elements<Data> => ({
  allocate,
  expected: `a number in the range of ${range.named} or null`,
  fill: (out, offset, cells) => {
    const { max } = range;
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      const value = typeof cell === 'bigint' ? Number(cell) : cell;
      if (value === null) out[offset + i] = Number.NaN;
      else if (typeof value === 'number' && (Math.abs(value) <= max || !Number.isFinite(value))) {
        out[offset + i] = value;
      } else return i;
    }
    return -1;
  },
});

const integers = <Data extends Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array>(
  allocate: (count: number) => Data,
  { min, max }: { readonly min: number; readonly max: number },
): Elements<Data> => ({
  allocate,
  expected: `an integer from ${min} to ${max}`,
  fill: (out, offset, cells) => {
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      if (typeof cell !== 'number' || !Number.isInteger(cell) || cell < min || cell > max) return i;
      out[offset + i] = cell;
    }
    return -1;
  },
});

const wideIntegers = <Data extends BigInt64Array | BigUint64Array>(
  allocate: (count: number) => Data,
  { min, max }: { readonly min: bigint; readonly max: bigint },
): Elements<Data> => ({
  allocate,
  expected: `an integer from ${min} to ${max}, written in digits`,
  fill: (out, offset, cells) => {
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      // An unsafe double that did not come by its digits has lost some.
      const value = typeof cell === 'number' && Number.isSafeInteger(cell) ? BigInt(cell) : cell;
      if (typeof value !== 'bigint' || value < min || value > max) return i;
      out[offset + i] = value;
    }
    return -1;
  },
});

const booleans: Elements<Uint8Array> = {
  allocate: (count) => new Uint8Array(count),
  expected: 'true or false',
  fill: (out, offset, cells) => {
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      if (typeof cell !== 'boolean') return i;
      out[offset + i] = cell ? 1 : 0;
    }
    return -1;
  },
};

const texts: Elements<string[]> = {
  allocate: () => [],
  expected: 'text without lone surrogates',
  fill: (out, offset, cells) => {
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      if (typeof cell !== 'string' || !cell.isWellFormed()) return i;
      out[offset + i] = cell;
    }
    return -1;
  },
};

const ELEMENTS = {
  BOOL: booleans,
  UINT8: integers((count) => new Uint8Array(count), { min: 0, max: 0xff }),
  UINT16: integers((count) => new Uint16Array(count), { min: 0, max: 0xffff }),
  UINT32: integers((count) => new Uint32Array(count), { min: 0, max: 0xffff_ffff }),
  UINT64: wideIntegers((count) => new BigUint64Array(count), { min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  INT8: integers((count) => new Int8Array(count), { min: -0x80, max: 0x7f }),
  INT16: integers((count) => new Int16Array(count), { min: -0x8000, max: 0x7fff }),
  INT32: integers((count) => new Int32Array(count), { min: -0x8000_0000, max: 0x7fff_ffff }),
  INT64: wideIntegers((count) => new BigInt64Array(count), {
    min: -0x8000_0000_0000_0000n,
    max: 0x7fff_ffff_ffff_ffffn,
  }),
  FP16: floats((count) => new Float16Array(count), { max: FLOAT16_MAX, named: 'float16' }),
  FP32: floats((count) => new Float32Array(count), { max: FLOAT32_MAX, named: 'float32' }),
  FP64: floats((count) => new Float64Array(count), { max: Number.MAX_VALUE, named: 'float64' }),
  BYTES: texts,
} satisfies Readonly<Record<Datatype, unknown>>;

interface Target {
  readonly elements: Elements<TensorData>;
  readonly out: TensorData;
  readonly shape: readonly number[];
  readonly where: string;
}

const fill = ({ elements, out, where }: Target, offset: number, cells: readonly unknown[]): void => {
  const bad = elements.fill(out, offset, cells);
  if (bad < 0) return;
  throw new InvalidRequestError(
    `${where}, element ${offset + bad}, must be ${elements.expected}, got ${showValue(cells[bad])}`,
  );
};

/** @returns the offset behind what was read. The shape bounds the depth. */
const fillNested = (target: Target, axis: number, offset: number, cells: unknown): number => {
  const { shape, where } = target;
  const length = shape[axis];
  if (!Array.isArray(cells) || cells.length !== length) {
    const got = Array.isArray(cells) ? cells.length : showValue(cells);
    throw new InvalidRequestError(
      `${where} must have its data flat or nested as its shape says, with lists of ${length} on level ${axis + 1}, got ${got}`,
    );
  }
  if (axis === shape.length - 1) {
    fill(target, offset, cells);
    return offset + cells.length;
  }
  let next = offset;
  for (const cell of cells) next = fillNested(target, axis + 1, next, cell);
  return next;
};

/**
 * A tensor's `data`, flat or nested as the shape says. NaN is null and an infinity a number beyond every double, as
 * `printElements` writes them.
 * @param shape checked, and so small that its elements may be allocated: only once the data has as many.
 * @param where how a message names the tensor.
 * @throws InvalidRequestError
 */
export const readElements = (
  tensor: { readonly datatype: Datatype; readonly shape: readonly number[]; readonly count: number },
  data: unknown,
  where: string,
): TensorData => {
  const { datatype, shape, count } = tensor;
  if (!Array.isArray(data)) {
    throw new InvalidRequestError(`${where} must have its data as a list, got ${showValue(data)}`);
  }
  const elements = ELEMENTS[datatype] as Elements<TensorData>;
  const nested = shape.length > 1 && Array.isArray(data[0]);
  if (!nested && data.length !== count) {
    throw new InvalidRequestError(`${where} has ${data.length} elements, its shape [${shape.join(', ')}] has ${count}`);
  }
  if (nested && data.length !== shape[0]) {
    throw new InvalidRequestError(`${where} has ${data.length} lists, its shape [${shape.join(', ')}] has ${shape[0]}`);
  }
  const target = { elements, out: elements.allocate(count), shape, where };
  if (nested) fillNested(target, 0, 0, data);
  else fill(target, 0, data);
  return target.out;
};
