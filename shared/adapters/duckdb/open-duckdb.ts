import { DuckDBInstance, type DuckDBResult, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api';
import { InvalidRequestError, LimitExceededError } from '../../kernel/errors.ts';
import type { TableEngine } from '../../ports/table-engine.ts';
import { toNumber, toPlainValue } from './convert-value.ts';

export interface DuckDbOptions {
  /** Memory that DuckDB may use before it spills to `spillFolder`; a query that cannot spill fails. @default 1024 */
  readonly memoryLimitMb?: number;
  /** Folder for what does not fit into memory. @default '/tmp/duckdb', as only /tmp is writable in a Lambda */
  readonly spillFolder?: string;
}

/**
 * Everything that could make a result depend on the machine or the day is fixed: one thread (parallel float sums vary),
 * UTC, and no extension is fetched from the network (Parquet, JSON and the time zones are built in).
 */
const configuration = ({
  memoryLimitMb = 1_024,
  spillFolder = '/tmp/duckdb',
}: DuckDbOptions): Record<string, string> => ({
  threads: '1',
  memory_limit: `${memoryLimitMb}MB`,
  temp_directory: spillFolder,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
});

const TEXT_TYPES: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.VARCHAR, DuckDBTypeId.ENUM, DuckDBTypeId.UUID]);

/** DuckDB tells its errors apart by the first words of the message only. */
const refusal = (error: unknown): unknown => {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('INTERNAL Error')) return error;
  if (message.startsWith('Out of Memory Error')) {
    return new LimitExceededError(`the query needs more memory than it has: ${message}`, { cause: error });
  }
  return new InvalidRequestError(`the query was refused: ${message}`, { cause: error });
};

type Vectors = readonly DuckDBVector[];

const readTexts = (vectors: Vectors): readonly string[] =>
  vectors.flatMap((vector) =>
    Array.from({ length: vector.itemCount }, (_, i) => {
      const value = vector.getItem(i);
      return value === null ? '' : String(value);
    }),
  );

const readNumbers = (vectors: Vectors): Float64Array => {
  const numbers = new Float64Array(vectors.reduce((sum, vector) => sum + vector.itemCount, 0));
  let row = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.itemCount; i += 1) numbers[row++] = toNumber(vector.getItem(i));
  }
  return numbers;
};

const readColumns = async (result: DuckDBResult): Promise<ReadonlyMap<string, Float64Array | readonly string[]>> => {
  const chunks = await result.fetchAllChunks();
  return new Map(
    result.columnNames().map((name, i) => {
      const vectors = chunks.map((chunk) => chunk.getColumnVector(i));
      return [name, TEXT_TYPES.has(result.columnTypeId(i)) ? readTexts(vectors) : readNumbers(vectors)];
    }),
  );
};

/**
 * An in-memory DuckDB. SQL that it refuses is an InvalidRequestError with DuckDB's own message: the SQL comes from a
 * model's definition, so its author is who can mend it.
 */
export const openDuckDb = async (options: DuckDbOptions = {}): Promise<TableEngine> => {
  const instance = await DuckDBInstance.create(':memory:', configuration(options));
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const run = (sql: string): Promise<DuckDBResult> =>
    connection.run(sql).catch((error: unknown) => {
      throw refusal(error);
    });
  return {
    execute: async (sql) => {
      await run(sql);
    },
    query: async (sql) => {
      const result = await run(sql);
      const names = result.columnNames();
      const rows = await result.getRows();
      return rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? '', toPlainValue(value)])));
    },
    columns: async (sql) => readColumns(await run(sql)),
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
