import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetDayKey } from '../../shared/contracts/artifacts.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { ingestedTableSql, sourceFileViewSql } from '../../shared/core/features/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

const NODE_MODULES = join(import.meta.dirname, '../../node_modules');
/** Objects under way to the bucket at the same time. */
const PARALLEL_PUTS = 16;

export interface LoadOptions {
  /** The data bucket. */
  readonly store: Pick<ArtifactStore, 'putIfAbsent' | 'put'>;
  /** First and last UTC day (`YYYY-MM-DD`) to bring, by when rows became known. Default: all. */
  readonly fromDay?: string;
  readonly throughDay?: string;
  /** Overwrite days that are there: only for rows that were ingested wrongly. @default false */
  readonly replace?: boolean;
}

export interface LoadResult {
  readonly dayCount: number;
  /** Days that were not there before. */
  readonly writtenDayCount: number;
  readonly rowCount: number;
}

/** A model's source, ingested once; its days can be brought to a bucket all at once or as time goes by. */
export interface SourceDataset {
  /** Days that have rows, in order. */
  readonly days: readonly { readonly day: string; readonly rowCount: number }[];
  /** Brings days to the bucket, one object a day. Doing it again writes nothing new. */
  load(options: LoadOptions): Promise<LoadResult>;
}

/**
 * Runs a definition's `ingestSql` over its source file, which comes with a package from npm.
 * @throws InvalidRequestError when the file is not installed, or its rows do not say when they became known.
 */
export const openSourceDataset = async (
  definition: ModelDefinition,
  engine: TableEngine,
  nodeModules = NODE_MODULES,
): Promise<SourceDataset> => {
  const { dataset, source } = definition.data;
  const file = join(nodeModules, source.package, source.file);
  if (!existsSync(file)) {
    throw new InvalidRequestError(
      `data.source of model ${definition.name} names ${source.package}/${source.file}, which is not installed: run npm ci`,
    );
  }
  await engine.execute(sourceFileViewSql(file));
  await engine.execute(ingestedTableSql(source.ingestSql));
  const rows = await engine.query(DAYS_SQL);
  const days = rows.map((row) => ({ day: String(row.known_day), rowCount: Number(row.rows) }));
  const [first] = days;
  if (first === undefined || first.day === 'null') {
    throw new InvalidRequestError(
      `ingestSql of model ${definition.name} must give rows, each with known_at_ms, in epoch ms`,
    );
  }
  return { days, load: (options) => loadDays(dataset, days, engine, options) };
};

const DAYS_SQL = `SELECT strftime(make_timestamp(known_at_ms * 1000), '%Y-%m-%d') AS known_day, count(*) AS rows
FROM ingested GROUP BY ALL ORDER BY ALL`;

const loadDays = async (
  dataset: string,
  days: SourceDataset['days'],
  engine: TableEngine,
  { store, fromDay = '0000-01-01', throughDay = '9999-12-31', replace = false }: LoadOptions,
): Promise<LoadResult> => {
  for (const day of [fromDay, throughDay]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new InvalidRequestError(`a day must be YYYY-MM-DD, got ${day}`);
  }
  const wanted = days.filter(({ day }) => day >= fromDay && day <= throughDay);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-load-'));
  let writtenDayCount = 0;
  const bring = async (day: string): Promise<void> => {
    const key = datasetDayKey(dataset, day);
    const body = await readFile(join(folder, `${day}.parquet`));
    if (replace) await store.put(key, body);
    if (replace || (await store.putIfAbsent(key, body))) writtenDayCount += 1;
    await rm(join(folder, `${day}.parquet`));
  };
  try {
    for (let start = 0; start < wanted.length; start += PARALLEL_PUTS) {
      const batch = wanted.slice(start, start + PARALLEL_PUTS);
      for (const { day } of batch) await engine.execute(dayFileSql(day, join(folder, `${day}.parquet`)));
      await Promise.all(batch.map(({ day }) => bring(day)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    dayCount: wanted.length,
    writtenDayCount,
    rowCount: wanted.reduce((sum, { rowCount }) => sum + rowCount, 0),
  };
};

/**
 * The same rows give the same bytes: one thread, in the order of all columns. A range of instants rather than a day's
 * name: DuckDB then reads only the parts of the table that can hold it.
 */
const dayFileSql = (day: string, file: string): string => {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  return `COPY (SELECT * FROM ingested WHERE known_at_ms >= ${startMs} AND known_at_ms < ${startMs + DAY_MS} ORDER BY ALL)
TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`;
};
