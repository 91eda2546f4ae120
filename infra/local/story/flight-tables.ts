import { mkdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { ingestedTableSql, sourceFileViewSql } from '../../../shared/core/features/index.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** A model's source file from its package on npm, ingested by the definition's own SQL. */
export interface SourceTables {
  /** Holds the table `ingested`, and `scored_flights` once `scoreFlights` ran. */
  readonly engine: TableEngine;
  /** UTC days on which rows became known, as the start of the day, oldest first. */
  knownDays(): Promise<readonly number[]>;
  /** The rows that became known on one UTC day, as Parquet. */
  exportDay(dayMs: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Path of a definition's source file in its package from npm. */
const sourceFilePath = ({ name, data: { source } }: ModelDefinition): string => {
  const packageFile = findPackageJSON(source.package, import.meta.url);
  if (packageFile === undefined) {
    throw new InvalidRequestError(
      `model ${name}: the package ${source.package} of data.source is not installed: npm install ${source.package}`,
    );
  }
  return join(dirname(packageFile), source.file);
};

/** @param throughMs rows that became known later are left out. */
export const openSourceTables = async (
  definition: ModelDefinition,
  { folder, throughMs }: { readonly folder: string; readonly throughMs: number },
): Promise<SourceTables> => {
  await mkdir(folder, { recursive: true });
  const engine = await openDuckDb({ memoryLimitMb: 1_500, spillFolder: folder });
  await engine.execute(sourceFileViewSql(sourceFilePath(definition)));
  const { ingestSql } = definition.data.source;
  await engine.execute(ingestedTableSql(`SELECT * FROM (${ingestSql}) WHERE known_at_ms < ${throughMs}`));
  const file = join(folder, `${definition.name}-day.parquet`);
  return {
    engine,
    async knownDays() {
      const rows = await engine.query(`SELECT DISTINCT known_at_ms // ${DAY_MS} AS day FROM ingested ORDER BY day`);
      return rows.map(({ day }) => Number(day) * DAY_MS);
    },
    async exportDay(dayMs) {
      await engine.execute(`COPY (
        SELECT * FROM ingested WHERE known_at_ms >= ${dayMs} AND known_at_ms < ${dayMs + DAY_MS} ORDER BY ALL
      ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
      return readFile(file);
    },
    close: () => engine.close(),
  };
};

/**
 * Creates `scored_flights`: key, time, features, label of every row in `[fromMs, toMs)`. The features are
 * point-in-time, so computing them once over everything gives what a caller would compute at each departure.
 */
export const scoreFlights = async (
  { engine }: SourceTables,
  definition: ModelDefinition,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> => {
  await engine.execute(
    `CREATE OR REPLACE VIEW dataset AS SELECT * FROM ingested WHERE known_at_ms < ${toMs + 3 * DAY_MS}`,
  );
  await engine.execute(`CREATE OR REPLACE TABLE scored_flights AS
    SELECT * FROM (${definition.data.featuresSql}) WHERE event_at_ms >= ${fromMs} AND event_at_ms < ${toMs}`);
};
