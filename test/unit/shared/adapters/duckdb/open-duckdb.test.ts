import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'duckdb-'));
const engine = await openDuckDb({ spillFolder: join(folder, 'spill') });

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe('duckdb', () => {
  it('gives rows of plain values', async () => {
    const rows =
      await engine.query(`SELECT 1::BIGINT AS whole, 1.5::DECIMAL(9, 2) AS decimal, 'a' AS text, true AS flag,
      NULL AS nothing, DATE '2001-02-03' AS day, [1, 2]::BIGINT[] AS list,
      TIMESTAMP '1969-12-31 23:59:59.9999' AS before, TIMESTAMP '2001-02-03 04:05:06' AS after`);

    expect(rows).toEqual([
      {
        whole: 1,
        decimal: 1.5,
        text: 'a',
        flag: true,
        nothing: null,
        day: '2001-02-03',
        list: [1, 2],
        before: -1,
        after: Date.UTC(2001, 1, 3, 4, 5, 6),
      },
    ]);
  });

  it('gives columns with NaN and the empty string for NULL, over many chunks', async () => {
    const columns = await engine.columns(
      `SELECT CASE WHEN i = 4999 THEN NULL ELSE i END AS n, CASE WHEN i = 4999 THEN NULL ELSE 't' || i END AS t FROM range(5000) AS r(i)`,
    );

    const numbers = columns.get('n') as Float64Array;
    expect([numbers.length, numbers[4998], numbers[4999]]).toEqual([5000, 4998, Number.NaN]);
    expect(columns.get('t')?.slice(4998)).toEqual(['t4998', '']);
  });

  it('refuses an integer that a number cannot hold', async () => {
    await expect(engine.query('SELECT 9007199254740993 AS big')).rejects.toThrow('got 9007199254740993');
  });

  it('knows the zones of 2001 without a network', async () => {
    const rows = await engine.query(`SELECT epoch_ms(TIMESTAMP '2001-04-02 12:00:00' AT TIME ZONE zone) AS at
      FROM (VALUES ('America/New_York'), ('America/Indiana/Indianapolis'), ('America/Phoenix')) AS zones(zone)`);

    // Indiana did not keep daylight saving time in 2001.
    expect(rows.map(({ at }) => ((at as number) - Date.UTC(2001, 3, 2, 12)) / 3_600_000)).toEqual([4, 5, 7]);
  });

  it('shows times in UTC and runs on one thread, whatever the machine', async () => {
    const rows = await engine.query(
      "SELECT current_setting('TimeZone') AS zone, current_setting('threads') AS threads",
    );

    expect(rows).toEqual([{ zone: 'UTC', threads: 1 }]);
  });

  it('loads nothing from the network', async () => {
    await expect(engine.query("SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')")).rejects.toThrow('httpfs');
  });

  it("refuses bad SQL with DuckDB's own words", async () => {
    await expect(engine.execute('SELECT nothing_here')).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining('nothing_here'),
    });
  });

  it('writes Parquet of the same bytes for the same rows', async () => {
    const paths = [join(folder, 'a.parquet'), join(folder, 'b.parquet')];

    for (const path of paths) await engine.execute(`COPY (SELECT i, i / 7 AS x FROM range(9000) AS r(i)) TO '${path}'`);

    const [row] = await engine.query(`SELECT count(DISTINCT content) AS n FROM read_blob(['${paths.join("', '")}'])`);
    expect(row?.n).toBe(1);
  });

  it('says so when a query does not fit into its memory', async () => {
    const small = await openDuckDb({ memoryLimitMb: 10, spillFolder: join(folder, 'none') });

    await expect(small.query('SELECT list(i) AS l FROM range(5000000) AS r(i)')).rejects.toMatchObject({
      name: 'LimitExceededError',
    });
    await small.close();
  });
});
