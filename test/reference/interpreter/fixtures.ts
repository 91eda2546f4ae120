import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Datatype, Tensor, TensorData } from '../../../shared/core/inference/index.ts';

/** As `make-models.py` writes a tensor: 64-bit integers and numbers that JSON has not as texts. */
interface WrittenTensor extends Omit<Tensor, 'data'> {
  readonly data: readonly (number | boolean | string)[];
}

interface WrittenCase {
  readonly base64: string;
  readonly inputs: readonly WrittenTensor[];
  readonly outputs: readonly WrittenTensor[];
}

/** A model that another tool wrote, and what that tool answers. */
export interface ReferenceCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

const numberOf = (cell: number | boolean | string): number =>
  cell === 'inf' ? Number.POSITIVE_INFINITY : cell === '-inf' ? Number.NEGATIVE_INFINITY : Number(cell);

const dataOf = (datatype: Datatype, cells: WrittenTensor['data']): TensorData => {
  if (datatype === 'BYTES') return cells as readonly string[];
  if (datatype === 'INT64') return BigInt64Array.from(cells as readonly string[], BigInt);
  if (datatype === 'UINT64') return BigUint64Array.from(cells as readonly string[], BigInt);
  return ARRAYS[datatype as keyof typeof ARRAYS].from(cells.map(numberOf));
};

const tensorOf = (written: WrittenTensor): Tensor => ({ ...written, data: dataOf(written.datatype, written.data) });

export const readReferenceCases = (): readonly ReferenceCase[] => {
  const text = gunzipSync(readFileSync(join(import.meta.dirname, 'models.json.gz'))).toString();
  const { cases } = JSON.parse(text) as { readonly cases: Readonly<Record<string, WrittenCase>> };
  return Object.entries(cases).map(([name, { base64, inputs, outputs }]) => ({
    name,
    bytes: Uint8Array.from(Buffer.from(base64, 'base64')),
    inputs: inputs.map(tensorOf),
    outputs: outputs.map(tensorOf),
  }));
};
