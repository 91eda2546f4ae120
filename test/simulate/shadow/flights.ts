import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import flightDelay from '../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import { MODEL_FILE, SIGNATURE_FILE } from '../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../shared/contracts/json-file.ts';
import {
  featureTableSql,
  ingestedTableSql,
  sourceFileViewSql,
  writePartSql,
} from '../../../shared/core/features/index.ts';
import { transformSql } from '../../../shared/core/features/online/index.ts';
import {
  type GradientBoostedTrees,
  signatureOf,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../shared/core/training/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** The real flights of 2001, and the two versions that January and everything until 17 February train. */

const { task, data, features, trainer } = flightDelay;
const date = (month: number, day: number): number => Date.UTC(2001, month - 1, day);
const WARM_FROM_MS = date(1, 8);
export const V1_AS_OF_MS = date(2, 1);
export const V2_AS_OF_MS = date(2, 18);
export const ENDS_AT_MS = date(4, 1);

export interface Flight {
  readonly id: string;
  readonly departureAtMs: number;
  readonly inputs: Readonly<Record<string, number | null>>;
  readonly label: number;
  readonly labelKnownAtMs: number;
}

export interface TrainedVersion {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly trainedThroughMs: number;
}

export interface Flights {
  readonly versions: readonly [first: TrainedVersion, second: TrainedVersion];
  /** The flights that departed on a UTC day, in order. */
  departures(dayMs: number): Promise<readonly Flight[]>;
  close(): Promise<void>;
}

const trainAsOf = async (engine: TableEngine, folder: string, asOfMs: number): Promise<TrainedVersion> => {
  if (trainer.kind !== 'built-in') throw new TypeError('flight-delay is trained by the built-in trainer');
  await engine.execute(`CREATE OR REPLACE VIEW feature_rows AS FROM every_row WHERE label_known_at_ms <= ${asOfMs}`);
  const file = join(folder, `${asOfMs}.parquet`);
  const split = { fromMs: WARM_FROM_MS, holdoutFromMs: asOfMs, holdoutToMs: asOfMs, asOfMs };
  await engine.execute(writePartSql({ part: 'all', split, features, maxRows: data.maxRows, file }));
  const columns = await engine.columns(`FROM '${file}'`);
  const label = columns.get('label') as Float64Array;
  // As the refit does: the rounds are given, nothing is kept aside.
  const settings = { ...trainer, earlyStoppingRounds: 0 };
  const trees: GradientBoostedTrees = trainGradientBoostedTrees({ task, features, columns, label, settings });
  const files = new Map([
    [MODEL_FILE, writeOnnx(trees)],
    [SIGNATURE_FILE, toJsonFile(signatureOf(trees))],
  ]);
  return { files, trainedThroughMs: asOfMs };
};

/** @param flightsPerDay at most so many of each day, drawn by a hash of key and seed; undefined: all of them */
export const openFlights = async (
  { flightsPerDay, seed }: { readonly flightsPerDay?: number | undefined; readonly seed: string },
  onProgress: (line: string) => void,
): Promise<Flights> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-shadow-'));
  const engine = await openDuckDb({ memoryLimitMb: 3_000, spillFolder: join(folder, 'spill') });
  const { source } = data;
  onProgress('computing the features of three months of flights');
  await engine.execute(sourceFileViewSql(`node_modules/${source.package}/${source.file}`));
  await engine.execute(`ALTER VIEW source_file RENAME TO whole_file;
    CREATE VIEW source_file AS FROM whole_file WHERE date < TIMESTAMP '2001-04-02'`);
  await engine.execute(ingestedTableSql(source.ingestSql));
  const asOfMs = ENDS_AT_MS + DAY_MS;
  await engine.execute(`CREATE VIEW dataset AS FROM ingested WHERE known_at_ms <= ${asOfMs}`);
  await engine.execute(featureTableSql({ featuresSql: transformSql(data), features, asOfMs }));
  await engine.execute('ALTER TABLE feature_rows RENAME TO every_row');
  onProgress('training version 1 on what was known on 1 February');
  const first = await trainAsOf(engine, folder, V1_AS_OF_MS);
  onProgress('training version 2 on what was known on 18 February');
  const second = await trainAsOf(engine, folder, V2_AS_OF_MS);
  const sampled =
    flightsPerDay === undefined
      ? ''
      : `QUALIFY row_number() OVER (ORDER BY md5_number_lower(row_key || ':${seed}'), row_key) <= ${flightsPerDay}`;
  return {
    versions: [first, second],
    departures: async (dayMs) => {
      const rows = await engine.query(`FROM every_row WHERE event_at_ms >= ${dayMs} AND event_at_ms < ${dayMs + DAY_MS}
        ${sampled} ORDER BY event_at_ms, row_key`);
      return rows.map((row) => ({
        id: `flight-${row.row_key}`,
        departureAtMs: Number(row.event_at_ms),
        inputs: Object.fromEntries(features.map(({ name }) => [name, row[name] === null ? null : Number(row[name])])),
        label: Number(row.label),
        labelKnownAtMs: Number(row.label_known_at_ms),
      }));
    },
    close: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
