import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../kernel/assert.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { TrainingTable } from '../../ports/training-table.ts';
import { type DuckDbOptions, openDuckDb } from './open-duckdb.ts';

const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Reads a training table's Parquet into memory, in the order it was written: by event time, then key.
 * @throws InvalidRequestError when the file lacks a column or has no rows.
 */
export const readTrainingTable = async (
  parquet: Uint8Array,
  features: readonly string[],
  options: DuckDbOptions = {},
): Promise<TrainingTable> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-table-'));
  try {
    const file = join(folder, 'table.parquet');
    await writeFile(file, parquet);
    const engine = await openDuckDb(options);
    try {
      const names = ['event_at_ms', 'label', ...features].map(quotedName).join(', ');
      const columns = await engine.columns(`SELECT ${names} FROM read_parquet(${quotedText(file)})`);
      return tableOf(columns, features);
    } finally {
      await engine.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const tableOf = (
  columns: ReadonlyMap<string, Float64Array | readonly string[]>,
  features: readonly string[],
): TrainingTable => {
  const eventAtMs = columns.get('event_at_ms');
  const labels = columns.get('label');
  assert(eventAtMs instanceof Float64Array && labels instanceof Float64Array, 'event_at_ms and label are numbers');
  if (labels.length === 0) throw new InvalidRequestError('the training table has no rows');
  const featureColumns = features.map((name) => {
    const values = columns.get(name);
    assert(values !== undefined, `column ${name} was selected`);
    return [name, values] as const;
  });
  return { rowCount: labels.length, eventAtMs, labels, columns: new Map(featureColumns) };
};
