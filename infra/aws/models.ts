import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineModel, type ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';

const MODELS_FOLDER = join(import.meta.dirname, '../../models');

/**
 * The definitions in `models/<name>/model.ts`, in the order of their names. Adding a model is adding a folder.
 * @throws InvalidRequestError when a folder's definition is missing or has another name than the folder.
 */
export const loadModels = async (folder = MODELS_FOLDER): Promise<readonly ModelDefinition[]> => {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
  return await Promise.all(names.map((name) => loadModel(folder, name)));
};

const loadModel = async (folder: string, name: string): Promise<ModelDefinition> => {
  const file = join(folder, name, 'model.ts');
  if (!existsSync(file)) throw new InvalidRequestError(`models/${name} has no model.ts`);
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: ModelDefinition };
  if (module.default === undefined) {
    throw new InvalidRequestError(`models/${name}/model.ts has no default export, must export defineModel({...})`);
  }
  if (module.default.name !== name) {
    throw new InvalidRequestError(
      `models/${name}/model.ts defines ${JSON.stringify(module.default.name)}, must carry its folder's name`,
    );
  }
  // A definition that did not pass `defineModel` is checked here; one that did stays as it is.
  return defineModel(module.default);
};

/** The file `definitions.json` beside the functions that read definitions: the same bytes for the same models. */
export const serialiseDefinitions = (definitions: readonly ModelDefinition[]): string =>
  `${JSON.stringify(Object.fromEntries(definitions.map((definition) => [definition.name, definition])))}\n`;
