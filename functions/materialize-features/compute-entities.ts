import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import { downloadDataset } from '../../shared/adapters/s3/download-dataset.ts';
import type { FeatureViewDefinition, ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { computeView, knownRowsSql, nextKnownSql, viewSqlOf } from '../../shared/core/features/index.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import type { EntityWrite } from '../../shared/ports/online-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

export type OpenEngine = (spillFolder: string) => Promise<TableEngine>;

interface Stores {
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly openEngine: OpenEngine;
}

/**
 * A view's values as of a moment from these objects, and when a row of them becomes known next. Without an object there
 * is no entity.
 */
export const computeEntities = (
  { data, openEngine }: Stores,
  of: {
    readonly definition: ModelDefinition;
    readonly view: FeatureViewDefinition;
    readonly objects: readonly StoredObject[];
    readonly asOfMs: number;
  },
): Promise<{ readonly entities: readonly EntityWrite[]; readonly nextKnownAtMs?: number }> =>
  inScratchFolder(async (folder) => {
    const { definition, view, objects, asOfMs } = of;
    if (objects.length === 0) return { entities: [] };
    const files = await downloadDataset(data, objects, folder);
    const engine = await openEngine(folder);
    try {
      await engine.execute(knownRowsSql(files));
      const [next] = await engine.query(nextKnownSql(asOfMs));
      const sql = viewSqlOf(definition.features, view);
      const entities = await computeView(engine, definition.data, sql, [asOfMs]);
      const nextKnownAtMs = next?.next_known_at_ms;
      return { entities, ...(typeof nextKnownAtMs === 'number' ? { nextKnownAtMs } : {}) };
    } finally {
      await engine.close();
    }
  });
