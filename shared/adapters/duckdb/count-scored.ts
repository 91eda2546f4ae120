import type { OutputCount } from '../../core/batch-scoring/index.ts';
import { assert } from '../../kernel/assert.ts';
import type { TableEngine } from '../../ports/table-engine.ts';

const rowOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** What an output of batch scoring holds. @param sql `countScoredSql` of its file. */
export const countScored = async (engine: Pick<TableEngine, 'query'>, sql: string): Promise<OutputCount> => {
  const [row] = await engine.query(sql);
  assert(row !== undefined, 'a count gives one row');
  return {
    rowCount: Number(row.row_count),
    distinctRows: Number(row.distinct_rows),
    firstRow: rowOf(row.first_row),
    lastRow: rowOf(row.last_row),
    files: texts(row.files),
    modelDigests: texts(row.model_digests),
  };
};
