import type { LoadedModelName } from '../../../shared/core/inference/index.ts';
import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../../shared/kernel/errors.ts';
import { showValue } from '../../../shared/kernel/show-value.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';
import { createFolderSource } from './folder-source.ts';

/** Models that a server was told of, each by the folder that holds it. */
export interface NamedFolders extends ModelSource {
  list(): readonly LoadedModelName[];
  /** @throws AlreadyExistsError, InvalidRequestError */
  add(model: string, folder: string): void;
  /** @throws NotFoundError */
  remove(model: string): void;
}

const MOST_MODELS = 10_000;

/**
 * SageMaker's multi-model endpoints: it puts a model into a folder, tells the container its name and the folder, and
 * takes it back when its memory is needed. Only such a container is told of models by requests.
 */
export const createNamedFolders = (): NamedFolders => {
  const folders = new Map<string, { readonly url: string; readonly source: ModelSource }>();
  const sourceOf = (model: string): ModelSource => {
    const found = folders.get(model);
    if (found === undefined) throw new NotFoundError(`model ${showValue(model)} is not loaded`);
    return found.source;
  };
  return {
    list: () => [...folders].map(([modelName, { url }]) => ({ modelName, modelUrl: url })),
    add: (model, url) => {
      if (folders.has(model)) throw new AlreadyExistsError(`model ${showValue(model)} is loaded already`);
      if (!url.startsWith('/')) throw new InvalidRequestError(`url must be an absolute path, got ${showValue(url)}`);
      if (folders.size >= MOST_MODELS)
        throw new InvalidRequestError(`no more than ${MOST_MODELS} models may be loaded`);
      folders.set(model, { url, source: createFolderSource(url, model) });
    },
    remove: (model) => {
      sourceOf(model);
      folders.delete(model);
    },
    describe: async (model, version) => sourceOf(model).describe(model, version),
    fetch: async (described) => sourceOf(described.model).fetch(described),
  };
};
