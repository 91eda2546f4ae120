import { mkdir } from 'node:fs/promises';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { transformSql } from '../../../shared/core/features/online/index.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';
import { openSourceDataset, type SourceDataset } from '../../commands/load-dataset.ts';

/** A model's source, ingested once; `engine` holds the table `ingested`, and `scored_flights` after `scoreFlights`. */
export interface SourceTables {
  readonly engine: TableEngine;
  readonly dataset: SourceDataset;
}

/** @param throughMs rows that became known later are left out: they would only take memory. */
export const openSourceTables = async (
  definition: ModelDefinition,
  { folder, throughMs }: { readonly folder: string; readonly throughMs: number },
): Promise<SourceTables> => {
  await mkdir(folder, { recursive: true });
  const engine = await openDuckDb({ memoryLimitMb: 700, spillFolder: folder });
  const { source } = definition.data;
  const ingestSql = `SELECT * FROM (\n${source.ingestSql}\n) WHERE known_at_ms < ${throughMs}`;
  const bounded = { ...definition, data: { ...definition.data, source: { ...source, ingestSql } } };
  return { engine, dataset: await openSourceDataset(bounded, engine) };
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
  await engine.execute('CREATE OR REPLACE VIEW dataset AS SELECT * FROM ingested');
  await engine.execute(`CREATE OR REPLACE TABLE scored_flights AS
    SELECT * FROM (${transformSql(definition.data)}) WHERE event_at_ms >= ${fromMs} AND event_at_ms < ${toMs}`);
};
