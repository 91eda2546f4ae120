import type { ModelInput } from './column-faults.ts';
import { ROW_KEY_COLUMN } from './plan-parts.ts';
import type { ScoringPart } from './scoring-part.ts';

/** The statements by which DuckDB reads inputs, and writes and counts outputs. */

const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Each row group with its rows and the bytes of its columns; a dictionary lies before the data that it is for. */
export const rowGroupsSql = (file: string): string => `
SELECT row_group_id, any_value(row_group_num_rows) AS row_count, min(from_byte) AS from_byte,
  max(from_byte + total_compressed_size) AS to_byte
FROM (SELECT *, CASE WHEN coalesce(dictionary_page_offset, 0) > 0 THEN least(dictionary_page_offset, data_page_offset)
    ELSE data_page_offset END AS from_byte
  FROM parquet_metadata(${quotedText(file)}))
GROUP BY row_group_id ORDER BY row_group_id`;

export const columnsSql = (file: string): string => `DESCRIBE SELECT * FROM read_parquet(${quotedText(file)})`;

/** The part's rows as the table `part`: their positions, the model's inputs, and the key where there is one. */
export const readPartSql = (
  file: string,
  inputs: readonly ModelInput[],
  { fromRow, rowCount, hasRowKey }: Pick<ScoringPart, 'fromRow' | 'rowCount' | 'hasRowKey'>,
): string => {
  const columns = inputs.map(({ name, datatype }, i) => {
    const type = datatype === 'FP32' ? 'DOUBLE' : 'VARCHAR';
    return `CAST(${quotedName(name)} AS ${type}) AS input_${i}`;
  });
  const key = hasRowKey ? [quotedName(ROW_KEY_COLUMN)] : [];
  return `CREATE OR REPLACE TABLE part AS
SELECT ${['file_row_number AS row_number', ...columns, ...key].join(', ')}
FROM read_parquet(${quotedText(file)}, file_row_number = true)
WHERE file_row_number >= ${fromRow} AND file_row_number < ${fromRow + rowCount} ORDER BY file_row_number`;
};

/** For each input the first row in which it is missing, as `input_0` and so on; null where it never is. */
export const firstMissingSql = (inputs: readonly ModelInput[]): string =>
  `SELECT ${inputs.map((_, i) => `min(row_number) FILTER (WHERE input_${i} IS NULL) AS input_${i}`).join(', ')} FROM part`;

/** Inputs of some rows of the table `part`, as `input_0` and so on. */
export const partRowsSql = (inputs: readonly ModelInput[], fromRow: number, toRow: number): string =>
  `SELECT ${inputs.map((_, i) => `input_${i}`).join(', ')} FROM part
WHERE row_number >= ${fromRow} AND row_number < ${toRow} ORDER BY row_number`;

/** Writes the part's output: who each row is, and what the model says. `predictions` is `row,prediction` a line. */
export const writeScoredSql = (
  { predictions, output }: { readonly predictions: string; readonly output: string },
  { key, hasRowKey }: Pick<ScoringPart, 'key' | 'hasRowKey'>,
  model: { readonly version: number; readonly modelDigest: string },
): string => `COPY (
  SELECT ${quotedText(key)} AS input_file, part.row_number,${hasRowKey ? ` part.${ROW_KEY_COLUMN},` : ''} scored.prediction,
    ${model.version}::INTEGER AS model_version, ${quotedText(model.modelDigest)} AS model_digest
  FROM part JOIN read_csv(${quotedText(predictions)}, header = false, delim = ',', auto_detect = false,
    columns = {'row_number': 'BIGINT', 'prediction': 'FLOAT'}) AS scored USING (row_number)
  ORDER BY part.row_number
) TO ${quotedText(output)} (FORMAT parquet, COMPRESSION zstd)`;

/** What an output holds, as `OutputCount` reads it. */
export const countScoredSql = (output: string): string => `
SELECT count(*) AS row_count, count(DISTINCT row_number) AS distinct_rows, min(row_number) AS first_row,
  max(row_number) AS last_row, list(DISTINCT input_file) AS files, list(DISTINCT model_digest) AS model_digests
FROM read_parquet(${quotedText(output)})`;
