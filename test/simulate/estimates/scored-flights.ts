import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import flightDelay from '../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import { featureTableSql, ingestedTableSql, sourceFileViewSql } from '../../../shared/core/features/index.ts';
import { transformSql } from '../../../shared/core/features/online/index.ts';
import {
  type GradientBoostedTrees,
  predictGradientBoostedTrees,
  trainGradientBoostedTrees,
} from '../../../shared/core/training/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** The real flights of January to June 2001, as version 1 of flight-delay answers them. */

const { task, data, features, trainer } = flightDelay;
const date = (month: number, day: number): number => Date.UTC(2001, month - 1, day);
const WARM_FROM_MS = date(1, 8);
/** As the evaluation of the run on 1 February has it: the last seven days are held out. */
const HOLDOUT_FROM_MS = date(1, 25);
/** Enough for windows of 5,000 among them, and half a minute less than all of them. */
const HOLDOUT_ROWS_PER_DAY = 6_000;
export const SERVED_FROM_MS = date(2, 1);
/** The day after the last that has all its flights. */
export const ENDS_AT_MS = date(6, 30);

export interface ScoredRows {
  readonly eventAtMs: Float64Array;
  readonly labels: Float64Array;
  readonly labelKnownAtMs: Float64Array;
  readonly predictions: Float32Array;
  /** Index of the origin's airport. */
  readonly origins: Float64Array;
}

export interface ScoredFlights {
  /** Answers of version 1 to the rows that it learnt from: what the predictions in service are compared with. */
  readonly learnt: Float32Array;
  /** 25 to 31 January, by the candidate that did not learn from them. */
  readonly holdout: ScoredRows;
  /** 1 February to 29 June, by version 1, which learnt from all of January. */
  readonly served: ScoredRows;
}

const NAMES = features.map(({ name }) => `"${name}"`).join(', ');

const openRows = async (engine: TableEngine): Promise<void> => {
  const { source } = data;
  await engine.execute(sourceFileViewSql(`node_modules/${source.package}/${source.file}`));
  await engine.execute(ingestedTableSql(source.ingestSql));
  const asOfMs = ENDS_AT_MS + DAY_MS;
  await engine.execute(`CREATE VIEW dataset AS FROM ingested WHERE known_at_ms <= ${asOfMs}`);
  await engine.execute(featureTableSql({ featuresSql: transformSql(data), features, asOfMs }));
  await engine.execute(
    `CREATE TABLE origins AS SELECT flight, dense_rank() OVER (ORDER BY origin) AS origin_index FROM ingested`,
  );
};

interface Trained {
  readonly model: GradientBoostedTrees;
  readonly learnt: Float32Array;
}

const trainUntil = async (engine: TableEngine, untilMs: number): Promise<Trained> => {
  if (trainer.kind !== 'built-in') throw new TypeError('flight-delay is trained by the built-in trainer');
  const columns = await engine.columns(`SELECT ${NAMES}, label FROM (FROM feature_rows
    WHERE event_at_ms >= ${WARM_FROM_MS} AND event_at_ms < ${untilMs} AND label_known_at_ms <= ${untilMs}
    ORDER BY md5_number_lower(row_key), row_key LIMIT ${data.maxRows}) ORDER BY event_at_ms, row_key`);
  const settings = { ...trainer, earlyStoppingRounds: 0 };
  const label = columns.get('label') as Float64Array;
  const model = trainGradientBoostedTrees({ task, features, columns, label, settings });
  return { model, learnt: predictGradientBoostedTrees(model, columns, label.length) };
};

const scoreBetween = async (
  engine: TableEngine,
  model: GradientBoostedTrees,
  { fromMs, toMs, rowsPerDay }: { readonly fromMs: number; readonly toMs: number; readonly rowsPerDay: number },
): Promise<ScoredRows> => {
  const columns = await engine.columns(`SELECT ${NAMES}, event_at_ms, label, label_known_at_ms, origin_index
    FROM (FROM feature_rows WHERE event_at_ms >= ${fromMs} AND event_at_ms < ${toMs}
      QUALIFY row_number() OVER (PARTITION BY event_at_ms // ${DAY_MS} ORDER BY md5_number_upper(row_key), row_key) <= ${rowsPerDay})
    JOIN origins ON flight = row_key ORDER BY event_at_ms, row_key`);
  const of = (name: string) => columns.get(name) as Float64Array;
  const labels = of('label');
  return {
    eventAtMs: of('event_at_ms'),
    labels,
    labelKnownAtMs: of('label_known_at_ms'),
    predictions: predictGradientBoostedTrees(model, columns, labels.length),
    origins: of('origin_index'),
  };
};

/** @param rowsPerDay at most so many flights of each day, drawn by a hash of their keys */
export const scoreFlights = async (rowsPerDay: number, onProgress: (line: string) => void): Promise<ScoredFlights> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-estimates-'));
  const engine = await openDuckDb({ memoryLimitMb: 3_000, spillFolder: join(folder, 'spill') });
  try {
    onProgress('computing the features of half a year of flights');
    await openRows(engine);
    onProgress('training the candidate until 25 January, and scoring the week after');
    const candidate = await trainUntil(engine, HOLDOUT_FROM_MS);
    const week = { fromMs: HOLDOUT_FROM_MS, toMs: SERVED_FROM_MS, rowsPerDay: HOLDOUT_ROWS_PER_DAY };
    const holdout = await scoreBetween(engine, candidate.model, week);
    onProgress('training version 1 on what was known on 1 February, and scoring the months after');
    const first = await trainUntil(engine, SERVED_FROM_MS);
    const served = await scoreBetween(engine, first.model, { fromMs: SERVED_FROM_MS, toMs: ENDS_AT_MS, rowsPerDay });
    return { learnt: first.learnt, holdout, served };
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
