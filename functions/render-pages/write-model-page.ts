import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { modelPageKey, modelSummaryKey } from '../../shared/contracts/pages.ts';
import { type ModelPage, renderModelPage } from '../../shared/core/pages/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export const HTML = 'text/html; charset=utf-8';
export const JSON_TYPE = 'application/json';

/** A model's page, its data, and its row of the fleet's page. */
export const writeModelPage = async (data: Pick<ArtifactStore, 'put'>, page: ModelPage): Promise<void> => {
  const { model, summary } = page;
  await Promise.all([
    data.put(modelPageKey(model, 'html'), new TextEncoder().encode(renderModelPage(page, 'files')), HTML),
    data.put(modelPageKey(model, 'json'), toJsonFile(page), JSON_TYPE),
    data.put(modelSummaryKey(model), toJsonFile(summary), JSON_TYPE),
  ]);
};
