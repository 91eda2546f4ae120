import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import flightDelay from '../../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import { ingestedTableSql, sourceFileViewSql } from '../../../../shared/core/features/index.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../shared/kernel/time.ts';

const { source } = flightDelay.data;
const engine = await openDuckDb();

beforeAll(async () => {
  await engine.execute(sourceFileViewSql(`node_modules/${source.package}/${source.file}`));
  await engine.execute(ingestedTableSql(source.ingestSql));
});
afterAll(() => engine.close());

const one = async (sql: string): Promise<Readonly<Record<string, unknown>>> => (await engine.query(sql))[0] ?? {};

describe('the ingestion of flight-delay', () => {
  it('keeps every flight but the six of 1 July, each airport in a zone', async () => {
    const counts = await one(
      'SELECT count(*) AS flights, count(DISTINCT flight) AS keys, count(DISTINCT origin) AS airports FROM ingested',
    );

    expect(counts).toEqual({ flights: 2_999_994, keys: 2_999_994, airports: 229 });
  });

  it('reads a flight as the file has it, in UTC, known when it has surely landed', async () => {
    // The first flight of the file: 1 January 00:01 from Las Vegas (UTC − 8) to Philadelphia, 33 minutes late.
    const flight = await one('SELECT * FROM ingested WHERE flight = 0');

    const departureAtMs = Date.UTC(2001, 0, 1, 8, 1);
    expect(flight).toMatchObject({
      origin: 'LAS',
      destination: 'PHL',
      distance: 2_176,
      delay: 33,
      departure_at_ms: departureAtMs,
    });
    expect(flight.known_at_ms).toBe(departureAtMs + (45 + 33) * MINUTE_MS + Math.floor((2_176 * MINUTE_MS) / 7));
  });

  it('keeps daylight saving time from 1 April where it was kept', async () => {
    const offsets = await engine.query(`SELECT origin,
      list_sort(list_distinct(list((departure_at_ms - epoch_ms(departure_local)) / ${HOUR_MS}))) AS offsets
      FROM ingested WHERE origin IN ('ATL', 'IND', 'PHX', 'HNL', 'SJU', 'ANC')
      AND departure_local::DATE IN (DATE '2001-03-31', DATE '2001-04-02') GROUP BY origin ORDER BY origin`);

    expect(Object.fromEntries(offsets.map(({ origin, offsets: hours }) => [origin, hours]))).toEqual({
      ANC: [8, 9],
      ATL: [4, 5],
      HNL: [10],
      IND: [5],
      PHX: [7],
      SJU: [4],
    });
  });

  it('knows no flight before it has left', async () => {
    expect(await one('SELECT count(*) AS n FROM ingested WHERE known_at_ms < departure_at_ms + 2700000')).toEqual({
      n: 0,
    });
  });
});
