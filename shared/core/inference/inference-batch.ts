import type { FeatureValue, InferenceBatch, ModelSignature } from './signature.ts';

/** Rows by feature name → one column per input. */
export const toBatch = (
  signature: ModelSignature,
  rows: readonly Readonly<Record<string, FeatureValue>>[],
): InferenceBatch => ({
  rowCount: rows.length,
  columns: Object.fromEntries(
    signature.inputs.map(({ name, datatype }) => [
      name,
      datatype === 'FP32'
        ? Float32Array.from(rows, (row) => (typeof row[name] === 'number' ? row[name] : Number.NaN))
        : rows.map((row) => (typeof row[name] === 'string' ? row[name] : '')),
    ]),
  ),
});
