import flightDelay from '../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import { measureQuality } from '../../../shared/core/evaluation/index.ts';
import {
  computeView,
  featureTableSql,
  ingestedTableSql,
  sourceFileViewSql,
  transformSql,
  viewSqlOf,
} from '../../../shared/core/features/index.ts';
import { predictGradientBoostedTrees, trainGradientBoostedTrees } from '../../../shared/core/training/index.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';
import type { BenchRow } from '../bench-row.ts';

const { data, features, task, trainer, featureViews = [] } = flightDelay;
const [JANUARY, FEBRUARY, MARCH] = [Date.UTC(2001, 0, 8), Date.UTC(2001, 1, 1), Date.UTC(2001, 2, 1)];
const [origins] = featureViews;
type Columns = ReadonlyMap<string, Float64Array | readonly string[]>;

/** Flights up to February with the features that training gives them: the table `trained`. */
const ingest = async (engine: TableEngine): Promise<void> => {
  await engine.execute(sourceFileViewSql(`node_modules/${data.source.package}/${data.source.file}`));
  await engine.execute(`ALTER VIEW source_file RENAME TO whole_file;
    CREATE VIEW source_file AS FROM whole_file WHERE date < TIMESTAMP '2001-03-02'`);
  await engine.execute(ingestedTableSql(data.source.ingestSql));
  await engine.execute('CREATE VIEW known_rows AS FROM ingested; CREATE VIEW dataset AS FROM ingested');
  await engine.execute(featureTableSql({ featuresSql: transformSql(data), features, asOfMs: MARCH + 48 * HOUR_MS }));
  await engine.execute('CREATE TABLE trained AS FROM feature_rows');
};

/** The table `hourly`: the origins' view materialized at every hour of February, by the view's own SQL. */
const materialize = async (engine: TableEngine): Promise<readonly string[]> => {
  if (origins === undefined) throw new Error('flight-delay has a view of origins');
  const hours = Array.from({ length: (MARCH - FEBRUARY) / HOUR_MS }, (_, i) => FEBRUARY + i * HOUR_MS);
  const computed = await computeView(engine, data, viewSqlOf(features, origins), hours);
  const names = origins.features;
  const columns = names.map((name) => `"${name}" DOUBLE`);
  await engine.execute(`CREATE TABLE hourly (origin VARCHAR, at_ms BIGINT, ${columns.join(', ')})`);
  for (let from = 0; from < computed.length; from += 10_000) {
    const tuples = computed.slice(from, from + 10_000).map(({ entity: [origin], eventAtMs, values }) => {
      const cells = names.map((name) => values[name] ?? 'NULL');
      return `('${origin}', ${eventAtMs}, ${cells.join(', ')})`;
    });
    await engine.execute(`INSERT INTO hourly VALUES ${tuples.join(', ')}`);
  }
  return names;
};

/** February's area under the ROC curve with features as of the last hour, beside features as of each departure. */
export const row: BenchRow = {
  name: 'features/hourly-auc',
  unit: 'AUC',
  betterIs: 'higher',
  baselineName: 'the same model and flights with every feature as of the departure itself',
  async prepare() {
    const engine = await openDuckDb({ memoryLimitMb: 3_000 });
    await ingest(engine);
    const names = await materialize(engine);
    const january = await engine.columns(
      `FROM (FROM trained WHERE event_at_ms >= ${JANUARY} AND event_at_ms < ${FEBRUARY}
        AND label_known_at_ms <= ${FEBRUARY} ORDER BY md5_number_lower(row_key), row_key LIMIT ${data.maxRows})
      ORDER BY event_at_ms, row_key`,
    );
    const replaced = names.map((name) => `h."${name}" AS "${name}"`).join(', ');
    const served = await engine.columns(`SELECT t.* REPLACE (${replaced}) FROM trained AS t
      JOIN ingested AS i ON i.flight::VARCHAR = t.row_key
      JOIN hourly AS h ON h.origin = i.origin AND h.at_ms = t.event_at_ms // ${HOUR_MS} * ${HOUR_MS}`);
    const exact = await engine.columns(`FROM trained WHERE event_at_ms >= ${FEBRUARY} AND event_at_ms < ${MARCH}`);
    await engine.close();
    if (trainer.kind !== 'built-in') throw new Error('flight-delay is trained by the built-in trainer');
    const settings = { ...trainer, earlyStoppingRounds: 0 };
    const label = january.get('label') as Float64Array;
    const model = trainGradientBoostedTrees({ task, features, columns: january, label, settings });
    const aucOf = (columns: Columns): number => {
      const labels = columns.get('label') as Float64Array;
      const predictions = predictGradientBoostedTrees(model, columns, labels.length);
      return measureQuality(task, { labels, predictions }).auc ?? Number.NaN;
    };
    return { value: async () => aucOf(served), baseline: async () => aucOf(exact) };
  },
};
