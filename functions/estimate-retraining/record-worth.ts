import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  RETRAINING_WORTH_FILE,
  type RetrainingWorth,
  RetrainingWorthSchema,
  STALENESS_FILE,
} from '../../shared/contracts/retraining-worth.ts';
import { FEATURE_REPORT_FILE, FeatureReportSchema } from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import { findChampion } from './find-champion.ts';
import { readPredictions } from './read-predictions.ts';
import { readTables } from './read-rows.ts';
import { weighRetraining } from './weigh-retraining.ts';

export interface WorthStores {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put' | 'putIfAbsent' | 'exists'>;
  readonly data: Pick<ArtifactStore, 'get' | 'list'>;
  readonly registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>;
  readonly readTable: ReadTrainingTable;
}

const JSON_TYPE = 'application/json';

/** Weighs a run, unless that stands on record, and returns what stands: the first that was written. */
export const recordWorth = async (
  { artifacts, data, registry, readTable }: WorthStores,
  {
    definition,
    runId,
    asOfMs,
  }: { readonly definition: ModelDefinition; readonly runId: string; readonly asOfMs: number },
): Promise<RetrainingWorth> => {
  const prefix = runPrefix(definition.name, runId);
  const key = `${prefix}${RETRAINING_WORTH_FILE}`;
  if (!(await artifacts.exists(key))) {
    const stored = await artifacts.get(`${prefix}${FEATURE_REPORT_FILE}`);
    const report = parseJsonFile(FeatureReportSchema, stored, FEATURE_REPORT_FILE);
    const champion = await findChampion(registry, definition.name);
    const readRows = () => readTables({ artifacts, readTable, prefix, definition });
    const { worth, staleness } = await weighRetraining({
      definition,
      runId,
      asOfMs,
      champion,
      report,
      readRows,
      predictions: await readPredictions(data, { definition, asOfMs, report }),
    });
    // Before the record: a repeat after a death between them writes both.
    if (staleness !== undefined) await artifacts.put(`${prefix}${STALENESS_FILE}`, toJsonFile(staleness), JSON_TYPE);
    await artifacts.putIfAbsent(key, toJsonFile(worth), JSON_TYPE);
  }
  return parseJsonFile(RetrainingWorthSchema, await artifacts.get(key), key);
};
