import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';
import { defineModel } from '../../../../../shared/contracts/model-definition.ts';
import {
  checkColumns,
  checkInputs,
  datasetViewSql,
  decodeInputAggregates,
  eventSpanSql,
  featureColumnsSql,
  featureTableSql,
  ingestedTableSql,
  inputAggregatesSql,
  planTrainingSplit,
  sourceFileViewSql,
  type TableColumn,
} from '../../../../../shared/core/features/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'views-'));
const engine = await openDuckDb();
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const DAY = 'epoch_ms(date::TIMESTAMP) AS event_at_ms, epoch_ms((date + 1)::TIMESTAMP)';
const rain = defineModel({
  name: 'rain',
  owner: 'weather',
  task: 'binary-classification',
  data: {
    dataset: 'seattle-weather',
    source: {
      package: 'vega-datasets',
      file: 'data/seattle-weather.csv',
      ingestSql: `SELECT *, ${DAY} AS known_at_ms FROM source_file`,
    },
    featuresSql: `SELECT date::VARCHAR AS row_key, event_at_ms, month(date) AS month, label_known_at_ms, label,
      lag(wind) OVER w AS wind_before, lag(weather) OVER w AS weather_before
      FROM (SELECT *, known_at_ms AS label_known_at_ms, (precipitation > 0)::DOUBLE AS label FROM dataset)
      WINDOW w AS (ORDER BY date)`,
    warmUpDays: 1,
  },
  features: [
    { name: 'month', type: 'number', min: 1, max: 12 },
    { name: 'wind_before', type: 'number', min: 0 },
    { name: 'weather_before', type: 'category' },
  ],
});

describe('a definition of twenty lines with its SQL inside', () => {
  it('goes from a file of a package to rows that pass the checks', async () => {
    const { data, features, checks, task, evaluation } = rain;
    const asOfMs = Date.UTC(2016, 0, 1);
    const file = join(folder, 'part-0.parquet');
    await engine.execute(sourceFileViewSql(`node_modules/${data.source.package}/${data.source.file}`));
    await engine.execute(ingestedTableSql(data.source.ingestSql));
    await engine.execute(`COPY ingested TO '${file}'`);
    await engine.execute(datasetViewSql({ files: [file], asOfMs }));

    const columns = (await engine.query(featureColumnsSql(data.featuresSql))) as unknown as readonly TableColumn[];
    await engine.execute(featureTableSql({ featuresSql: data.featuresSql, features, asOfMs }));
    const [span] = await engine.query(eventSpanSql());
    const split = planTrainingSplit({
      oldestEventAtMs: span?.oldestEventAtMs as number,
      newestEventAtMs: span?.newestEventAtMs as number,
      warmUpDays: data.warmUpDays,
      holdoutDays: evaluation.holdoutDays,
      asOfMs,
    });
    const [row] = await engine.query(inputAggregatesSql({ task, features, split }));
    const aggregates = decodeInputAggregates(features, row);

    expect(checkColumns(features, columns)).toEqual([]);
    expect(span?.rowCount).toBe(1_461);
    expect(aggregates.rowCount).toBe(1_460);
    expect(checkInputs({ task, features, limits: checks, aggregates, asOfMs })).toEqual({ passed: true, findings: [] });
  });
});

describe('the views', () => {
  it('hide from the dataset what was not known yet', async () => {
    const files = [1, 2].map((n) => join(folder, `known-${n}.parquet`));
    for (const [n, file] of files.entries())
      await engine.execute(`COPY (SELECT ${n + 1} * 100 AS known_at_ms) TO '${file}'`);

    await engine.execute(datasetViewSql({ files, asOfMs: 150 }));

    expect(await engine.query('FROM dataset')).toEqual([{ known_at_ms: 100 }]);
  });

  it('number the rows of a file from zero, be it Parquet, CSV or JSON', async () => {
    for (const format of ['parquet', 'csv', 'json']) {
      const file = join(folder, `it's-a.${format}`);
      await engine.execute(`COPY (SELECT 'x' || i AS name FROM range(3) AS r(i)) TO '${file.replace("'", "''")}'`);
      await engine.execute(sourceFileViewSql(file));

      expect(await engine.query('FROM source_file')).toEqual([
        { name: 'x0', file_row_number: 0 },
        { name: 'x1', file_row_number: 1 },
        { name: 'x2', file_row_number: 2 },
      ]);
    }
  });

  it('refuse a file of another kind', () => {
    expect(() => sourceFileViewSql('data/a.xlsx')).toThrow(
      'source file must end in parquet, csv, json, got data/a.xlsx',
    );
  });
});
