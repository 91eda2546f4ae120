import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '../../../../shared/kernel/json.ts';

/** The rows of a Parquet file, at most `limit`: numbers, text, booleans, lists; timestamps as epoch milliseconds. */
export const readParquet = async (bytes: Uint8Array, limit: number): Promise<readonly JsonValue[]> => {
  // Few workflows read Parquet: the engine is loaded by the first that does.
  const { openDuckDb } = await import('../../../../shared/adapters/duckdb/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'millrace-parquet-'));
  const engine = await openDuckDb({ spillFolder: join(folder, 'spill') });
  try {
    const file = join(folder, 'items.parquet');
    await writeFile(file, bytes);
    const rows = await engine.query(`SELECT * FROM read_parquet('${file}') LIMIT ${limit}`);
    return rows as readonly JsonValue[];
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
};
