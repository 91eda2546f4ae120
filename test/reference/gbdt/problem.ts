/**
 * The reference problem, the same in `lightgbm_reference.py`: data drawn by a counter-based integer hash, so that both
 * languages hold the same bits, and labels by exactly rounded operations only.
 */
export const REFERENCE_ROW_COUNT = 40_000;
export const REFERENCE_FEATURE_NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const DRAWS_PER_ROW = 10;

/** MurmurHash3's finaliser over (row, draw), as a number in [0, 1). */
const uniform = (row: number, draw: number): number => {
  let hash = row * DRAWS_PER_ROW + draw + 1;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};

export interface ReferenceProblem {
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly binaryLabel: Float64Array;
  readonly value: Float64Array;
}

/** Rows `firstRow … firstRow + rowCount`: training takes the first 40,000, evaluation the next. */
export const referenceProblem = (firstRow: number, rowCount = REFERENCE_ROW_COUNT): ReferenceProblem => {
  const columns = new Map(REFERENCE_FEATURE_NAMES.map((name) => [name, new Float64Array(rowCount)]));
  const binaryLabel = new Float64Array(rowCount);
  const value = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const draw = (k: number): number => uniform(firstRow + i, k);
    const [a, b, c, d, f] = [draw(0), draw(1), Math.floor(draw(2) * 24), draw(3), draw(5)] as const;
    // Missing more often where the label is likelier: the missing side carries information.
    const missing = draw(6) < 0.1 + 0.2 * a;
    const signal = 2 * a - 1.5 * b + 4 * a * d + (c >= 7 && c < 10 ? 0.8 : 0) + (missing ? 0.7 : draw(4)) - 2.2;
    const noise = draw(7) + draw(8) - 1;
    const row = [a, b, c, d, missing ? Number.NaN : draw(4), f];
    for (const [k, name] of REFERENCE_FEATURE_NAMES.entries())
      (columns.get(name) as Float64Array)[i] = row[k] as number;
    binaryLabel[i] = draw(9) * 2 - 1 < signal / (1 + Math.abs(signal)) ? 1 : 0;
    value[i] = 10 * signal + 5 * noise;
  }
  return { columns, binaryLabel, value };
};
