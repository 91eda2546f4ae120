import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import flightDelay from '../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import { featureTableSql, ingestedTableSql, sourceFileViewSql } from '../../../shared/core/features/index.ts';
import { transformSql } from '../../../shared/core/features/online/index.ts';
import { type GradientBoostedTrees, trainGradientBoostedTrees } from '../../../shared/core/training/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** The real flights of January to June 2001, models of any age trained on them, and how they do on any later day. */

const { task, data, features, trainer } = flightDelay;
export const date = (month: number, day: number): number => Date.UTC(2001, month - 1, day);
const WARM_FROM_MS = date(1, 8);
/** The day after the last that has all its flights. */
export const ENDS_AT_MS = date(6, 30);

export type Columns = ReadonlyMap<string, Float64Array | readonly string[]>;

export interface AgedFlights {
  /** What was known at a time trains a model: at most so many rows, drawn by MD5 of their keys. */
  train(cutOffMs: number, rowCount: number): Promise<GradientBoostedTrees>;
  /** The labelled flights that departed on a UTC day; the same ones every time. */
  day(dayMs: number): Promise<Columns>;
  close(): Promise<void>;
}

const NAMES = features.map(({ name }) => `"${name}"`).join(', ');

const trainOn = (columns: Columns): GradientBoostedTrees => {
  if (trainer.kind !== 'built-in') throw new TypeError('flight-delay is trained by the built-in trainer');
  // The rounds are given and nothing is kept aside: both sides of a comparison learn alike.
  const settings = { ...trainer, earlyStoppingRounds: 0 };
  return trainGradientBoostedTrees({ task, features, columns, label: columns.get('label') as Float64Array, settings });
};

const openRows = async (engine: TableEngine): Promise<void> => {
  const { source } = data;
  await engine.execute(sourceFileViewSql(`node_modules/${source.package}/${source.file}`));
  await engine.execute(ingestedTableSql(source.ingestSql));
  const asOfMs = ENDS_AT_MS + DAY_MS;
  await engine.execute(`CREATE VIEW dataset AS FROM ingested WHERE known_at_ms <= ${asOfMs}`);
  await engine.execute(featureTableSql({ featuresSql: transformSql(data), features, asOfMs }));
  await engine.execute('DROP VIEW dataset; DROP TABLE ingested');
};

/** @param flightsPerDay at most so many of each day are scored, drawn by a hash of their keys; undefined: all of them */
export const openAgedFlights = async (
  { flightsPerDay }: { readonly flightsPerDay?: number | undefined },
  onProgress: (line: string) => void,
): Promise<AgedFlights> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-retraining-'));
  const engine = await openDuckDb({ memoryLimitMb: 3_000, spillFolder: join(folder, 'spill') });
  onProgress('computing the features of half a year of flights');
  await openRows(engine);
  const sampled =
    flightsPerDay === undefined
      ? ''
      : `QUALIFY row_number() OVER (ORDER BY md5_number_upper(row_key), row_key) <= ${flightsPerDay}`;
  return {
    train: async (cutOffMs, rowCount) =>
      trainOn(
        await engine.columns(`SELECT ${NAMES}, label FROM (FROM feature_rows
          WHERE event_at_ms >= ${WARM_FROM_MS} AND event_at_ms < ${cutOffMs} AND label_known_at_ms <= ${cutOffMs}
          ORDER BY md5_number_lower(row_key), row_key LIMIT ${rowCount}) ORDER BY event_at_ms, row_key`),
      ),
    day: (dayMs) =>
      engine.columns(`SELECT ${NAMES}, label FROM feature_rows
        WHERE event_at_ms >= ${dayMs} AND event_at_ms < ${dayMs + DAY_MS} ${sampled} ORDER BY event_at_ms, row_key`),
    close: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
