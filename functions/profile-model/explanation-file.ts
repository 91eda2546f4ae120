import { BACKGROUND_ROWS, EXPLANATION_FILE, type StoredExplanationBasis } from '../../shared/contracts/explanation.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { spreadRows } from '../../shared/core/explanation/index.ts';
import { shortestFloat32 } from '../../shared/core/inference/index.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';

const cellsOf = (
  values: Float64Array | readonly string[],
  rows: readonly number[],
): (number | null)[] | (string | null)[] =>
  values instanceof Float64Array
    ? rows.map((row) => {
        const value = values[row] as number;
        return Number.isFinite(value) ? shortestFloat32(Math.fround(value)) : null;
      })
    : rows.map((row) => values[row] || null);

/**
 * What explains the version's predictions: the counts of its trainer, where it made any, and rows spread over the time
 * of the table, which stand for what is not known of a row.
 */
export const explanationFile = (
  table: TrainingTable,
  covers: readonly number[] | undefined,
): readonly [file: string, bytes: Uint8Array] => {
  const rows = spreadRows(table.rowCount, BACKGROUND_ROWS);
  const columns = Object.fromEntries([...table.columns].map(([name, values]) => [name, cellsOf(values, rows)]));
  const basis: StoredExplanationBasis = {
    schemaVersion: 1,
    ...(covers === undefined ? {} : { covers: [...covers] }),
    background: { rowCount: rows.length, columns },
  };
  return [EXPLANATION_FILE, toJsonFile(basis)];
};
