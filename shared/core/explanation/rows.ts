import type { Tensor } from '../inference/index.ts';

/** Feature values by name, one a row: numbers with NaN for missing, texts with the empty one. */
export type Columns = Readonly<Record<string, Float32Array | readonly string[]>>;

/** What a model takes, in its order. */
export interface FeatureInput {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
}

/** A model's one output for rows of its features. */
export type Predict = (inputs: readonly Tensor[], rowCount: number) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** The columns of some rows, by place. */
export const pickRows = (columns: Columns, rows: readonly number[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      name,
      values instanceof Float32Array
        ? Float32Array.from(rows, (row) => values[row] as number)
        : rows.map((row) => values[row] as string),
    ]),
  );

export const tensorsOf = (inputs: readonly FeatureInput[], columns: Columns, rowCount: number): readonly Tensor[] =>
  inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [rowCount, 1],
    data:
      columns[name] ?? (datatype === 'FP32' ? new Float32Array(rowCount).fill(Number.NaN) : Array(rowCount).fill('')),
  }));

/** The mixing of one number into another: MurmurHash3's finaliser. */
const mix = (value: number): number => {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Places of rows spread evenly over a table, each drawn within its own part: the same ones for the same count. */
export const spreadRows = (rowCount: number, wanted: number): readonly number[] => {
  const count = Math.min(rowCount, wanted);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * rowCount) / count);
    const to = Math.floor(((i + 1) * rowCount) / count);
    return from + (mix(i + 1) % Math.max(1, to - from));
  });
};
