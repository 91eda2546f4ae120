import type { ModelCatalog } from '../../../ports/model-catalog.ts';
import { realPacing } from '../contention.ts';
import type { CatalogContext } from './catalog-context.ts';
import { modelChanges } from './change-models.ts';
import { versionChanges } from './change-versions.ts';
import { modelDeletion } from './delete-model.ts';
import {
  findModel,
  inBatches,
  readLatestVersions,
  readModel,
  readModels,
  readVersion,
  wholeModel,
  wholeVersion,
  wholeVersions,
} from './read-models.ts';
import { stageChanges } from './stage-versions.ts';

/** The catalog of one workspace on DynamoDB: the table, and the items, that `createModelRegistry` works on. */
export const createModelCatalog = (
  options: Omit<CatalogContext, 'pacing'> & Partial<Pick<CatalogContext, 'pacing'>>,
): ModelCatalog => {
  const context: CatalogContext = { pacing: realPacing, ...options };
  return {
    ...modelChanges(context),
    ...modelDeletion(context),
    ...versionChanges(context),
    ...stageChanges(context),
    getModel: async (name) => wholeModel(context, await readModel(context, name)),
    listModels: async (accepts) =>
      inBatches(await readModels(context, accepts), (stored) => wholeModel(context, stored)),
    getVersion: async (name, version) => {
      const stored = await readModel(context, name);
      return wholeVersion(context, stored.home, await readVersion(context, stored, version));
    },
    listVersions: async (name) => {
      const stored = await findModel(context, name);
      return stored === undefined ? [] : wholeVersions(context, stored);
    },
    latestVersions: (models) => readLatestVersions(context, models),
  };
};
