import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSourceDataset, type SourceDataset } from '../../infra/commands/load-dataset.ts';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import { definition } from './synthesise.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-source-'));
mkdirSync(join(folder, 'a-package'));
writeFileSync(
  join(folder, 'a-package/rows.csv'),
  'id,day\n1,2001-01-01 10:00:00\n2,2001-01-01 23:59:59.999\n3,2001-01-02 00:00:00\n4,2001-01-04 12:00:00\n',
);

const source = (file: string, ingestSql: string) =>
  definition('rows', {
    data: { dataset: 'rows', source: { package: 'a-package', file, ingestSql }, featuresSql: 'SELECT 1' },
  });
const INGEST = 'SELECT id, epoch_ms(day) AS known_at_ms FROM source_file';

/** A bucket in memory. */
const bucket = () => {
  const objects = new Map<string, Uint8Array>();
  const put = async (key: string, body: Uint8Array) => {
    objects.set(key, body);
    return { etag: 'etag' };
  };
  return {
    objects,
    store: {
      put,
      putIfAbsent: async (key: string, body: Uint8Array) => {
        if (objects.has(key)) return false;
        await put(key, body);
        return true;
      },
    },
  };
};

let engine: TableEngine;
let rows: SourceDataset;
beforeAll(async () => {
  engine = await openDuckDb();
  rows = await openSourceDataset(source('rows.csv', INGEST), engine, folder);
});
afterAll(() => engine.close());

describe('loading a dataset', () => {
  it('writes one object for each UTC day on which rows became known', async () => {
    const { store, objects } = bucket();

    const result = await rows.load({ store });

    expect([...objects.keys()].toSorted()).toEqual([
      'datasets/rows/known=2001-01-01/part-0.parquet',
      'datasets/rows/known=2001-01-02/part-0.parquet',
      'datasets/rows/known=2001-01-04/part-0.parquet',
    ]);
    expect(result).toEqual({ dayCount: 3, writtenDayCount: 3, rowCount: 4 });
  });

  it('writes the rows of the day and the columns of ingestSql', async () => {
    const { store, objects } = bucket();
    await rows.load({ store, throughDay: '2001-01-01' });
    const file = join(folder, 'day.parquet');
    writeFileSync(file, objects.get('datasets/rows/known=2001-01-01/part-0.parquet') ?? new Uint8Array());

    expect(await engine.query(`SELECT * FROM read_parquet('${file}')`)).toEqual([
      { id: 1, known_at_ms: Date.UTC(2001, 0, 1, 10) },
      { id: 2, known_at_ms: Date.UTC(2001, 0, 2) - 1 },
    ]);
  });

  it('again writes nothing, and the same bytes where it must replace', async () => {
    const { store, objects } = bucket();
    await rows.load({ store });
    const first = new Map(objects);

    expect(await rows.load({ store })).toMatchObject({ writtenDayCount: 0 });
    expect(await rows.load({ store, replace: true })).toMatchObject({ writtenDayCount: 3 });
    expect(objects).toEqual(first);
  });

  it('takes the days asked for, both ends included', async () => {
    const { store, objects } = bucket();

    await rows.load({ store, fromDay: '2001-01-02', throughDay: '2001-01-04' });

    expect(objects.size).toBe(2);
    await expect(rows.load({ store, fromDay: '1 January' })).rejects.toThrow('a day must be YYYY-MM-DD, got 1 January');
  });

  it('is refused for a file that is not installed and for rows that do not say when they became known', async () => {
    await expect(openSourceDataset(source('none.csv', INGEST), engine, folder)).rejects.toThrow(
      'which is not installed',
    );
    await expect(openSourceDataset(source('rows.csv', 'SELECT id FROM source_file'), engine, folder)).rejects.toThrow(
      'known_at_ms',
    );
    await expect(
      openSourceDataset(source('rows.csv', 'SELECT id, NULL::BIGINT AS known_at_ms FROM source_file'), engine, folder),
    ).rejects.toThrow('must give rows, each with known_at_ms');
  });
});
