import { InvalidRequestError } from '../../kernel/errors.ts';
import { sqlNumber, sqlQuery, sqlText } from './sql-text.ts';

const READERS: Readonly<Record<string, (path: string) => string>> = {
  parquet: (path) => `SELECT * FROM read_parquet(${sqlText(path)}, file_row_number = true)`,
  csv: (path) => `SELECT *, row_number() OVER () - 1 AS file_row_number FROM read_csv(${sqlText(path)})`,
  json: (path) => `SELECT *, row_number() OVER () - 1 AS file_row_number FROM read_json(${sqlText(path)})`,
};

/**
 * Creates the view `source_file` over a file of a data package: its columns and `file_row_number` (from 0), the only
 * key that many files have.
 * @throws InvalidRequestError for a file that is neither Parquet, CSV nor JSON.
 */
export const sourceFileViewSql = (path: string): string => {
  const reader = READERS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
  if (!reader) throw new InvalidRequestError(`source file must end in ${Object.keys(READERS).join(', ')}, got ${path}`);
  return `CREATE OR REPLACE VIEW source_file AS ${reader(path)}`;
};

/** Creates the table `ingested`: the dataset's rows, each with `known_at_ms`, from the view `source_file`. */
export const ingestedTableSql = (ingestSql: string): string =>
  `CREATE OR REPLACE TABLE ingested AS SELECT * FROM ${sqlQuery(ingestSql)}`;

/**
 * Creates the view `dataset` that a definition's `featuresSql` reads: the rows of the files that were known at `asOfMs`,
 * so that training again as of an earlier instant sees what was seen then.
 * @throws InvalidRequestError without files.
 */
export const datasetViewSql = ({
  files,
  asOfMs,
}: {
  readonly files: readonly string[];
  readonly asOfMs: number;
}): string => {
  if (files.length === 0) throw new InvalidRequestError('the dataset must have at least one file, got none');
  return `CREATE OR REPLACE VIEW dataset AS SELECT * FROM read_parquet([${files.map(sqlText).join(', ')}], union_by_name = true)
WHERE known_at_ms <= ${sqlNumber(asOfMs)}`;
};
