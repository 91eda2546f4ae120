import { readJson } from '../../shared/adapters/pages/read-reports.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { fleetPageKey, modelSummaryKey } from '../../shared/contracts/pages.ts';
import { type ModelSummary, renderFleetPage } from '../../shared/core/pages/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { HTML, JSON_TYPE } from './write-model-page.ts';

/** Checks of other models that end meanwhile, one after the other; the page of the last of them holds them all. */
const MOST_ROUNDS = 5;

const readSummaries = async (
  data: Pick<ArtifactStore, 'get'>,
  models: readonly string[],
): Promise<readonly ModelSummary[]> => {
  const found = await Promise.all(models.map((model) => readJson<ModelSummary>(data, modelSummaryKey(model))));
  return found.filter((summary) => summary !== undefined);
};

/**
 * Writes the fleet's page from the rows that each model's own check left. Models are checked at the same hour: whoever
 * writes last must have seen every row, so after writing the rows are read again, and where one changed it is written anew.
 * @returns how many models it has.
 */
export const writeFleetPage = async (
  data: Pick<ArtifactStore, 'get' | 'put'>,
  { stage, atMs, models }: { readonly stage: string; readonly atMs: number; readonly models: readonly string[] },
): Promise<number> => {
  let rows = await readSummaries(data, models);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const unchecked = models.filter((name) => !rows.some(({ model }) => model === name));
    const fleet = { stage, atMs, models: rows, ...(unchecked.length === 0 ? {} : { unchecked }) };
    await Promise.all([
      data.put(fleetPageKey('html'), new TextEncoder().encode(renderFleetPage(fleet, 'files')), HTML),
      data.put(fleetPageKey('json'), toJsonFile(fleet), JSON_TYPE),
    ]);
    const now = await readSummaries(data, models);
    if (JSON.stringify(now) === JSON.stringify(rows)) break;
    rows = now;
  }
  return rows.length;
};
