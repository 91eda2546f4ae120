import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import births from '../../../../models/births/model.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import {
  checkColumns,
  featureColumnsSql,
  ingestedTableSql,
  sourceFileViewSql,
} from '../../../../shared/core/features/index.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';

const { source, featuresSql } = births.data;
const engine = await openDuckDb();

beforeAll(async () => {
  await engine.execute(sourceFileViewSql(`node_modules/${source.package}/${source.file}`));
  await engine.execute(ingestedTableSql(source.ingestSql));
  await engine.execute('CREATE VIEW dataset AS FROM ingested');
});
afterAll(() => engine.close());

describe('the model of births', () => {
  it('ingests every day once, known when it is over', async () => {
    const rows = await engine.query(
      'SELECT count(DISTINCT day) AS days, min(day) AS first, max(day) AS last, max(known_at_ms) AS known FROM ingested',
    );

    expect(rows).toEqual([{ days: 5_479, first: '2000-01-01', last: '2014-12-31', known: Date.UTC(2015, 0, 1) }]);
  });

  it('gives the columns and types that training needs', async () => {
    const columns = await engine.query(featureColumnsSql(featuresSql));

    expect(checkColumns(births.features, columns as { name: string; type: string }[])).toEqual([]);
  });

  it('forecasts seven days ahead from the days that are over', async () => {
    const [row] = await engine.query(`SELECT * FROM (${featuresSql}) WHERE row_key = '2010-11-25'`);
    const day = Date.UTC(2010, 10, 25);
    const past = await engine.query(
      `SELECT births, date_diff('day', day, DATE '2010-11-25') AS age FROM ingested WHERE age BETWEEN 8 AND 35 OR age = 364`,
    );
    const at = (age: number): number => past.find((found) => found.age === age)?.births as number;
    const recent = past.filter(({ age }) => (age as number) <= 35).map((found) => found.births as number);

    expect(row).toMatchObject({
      event_at_ms: day - 7 * DAY_MS,
      label_known_at_ms: day + DAY_MS,
      weekday: 4,
      holiday: 'thanksgiving',
      births_14d: at(14),
      births_364d: at(364),
      same_weekday_mean_4w: (at(14) + at(21) + at(28) + at(35)) / 4,
    });
    expect(row?.mean_4w).toBeCloseTo(recent.reduce((sum, n) => sum + n, 0) / 28, 9);
  });

  it('uses nothing that becomes known after the forecast is made', async () => {
    const features = `SELECT * EXCLUDE (label, label_known_at_ms) FROM (${featuresSql}) WHERE row_key = '2010-11-25'`;
    const before = await engine.query(features);

    await engine.execute(`CREATE OR REPLACE VIEW dataset AS SELECT day, known_at_ms,
      CASE WHEN known_at_ms > ${Date.UTC(2010, 10, 18)} THEN -1 ELSE births END AS births FROM ingested`);

    expect(await engine.query(features)).toEqual(before);
    await engine.execute('CREATE OR REPLACE VIEW dataset AS FROM ingested');
  });
});
