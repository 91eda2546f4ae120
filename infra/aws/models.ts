import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CompositionDefinition, defineComposition } from '../../shared/contracts/composition-definition.ts';
import { resolveComposition } from '../../shared/contracts/composition-faults.ts';
import { defineModel, type ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';

const MODELS_FOLDER = join(import.meta.dirname, '../../models');

const MODEL_FILE = 'model.ts';
const COMPOSITION_FILE = 'composition.ts';

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();

const isComposition = (folder: string, name: string): boolean => existsSync(join(folder, name, COMPOSITION_FILE));

/**
 * The definitions in `models/<name>/model.ts`, in the order of their names. Adding a model is adding a folder.
 * @throws InvalidRequestError when a folder's definition is missing or has another name than the folder.
 */
export const loadModels = async (folder = MODELS_FOLDER): Promise<readonly ModelDefinition[]> => {
  const names = foldersIn(folder).filter((name) => !isComposition(folder, name));
  // A definition that did not pass `defineModel` is checked here; one that did stays as it is.
  return (await Promise.all(names.map((name) => loadDefault<ModelDefinition>(folder, name, MODEL_FILE)))).map(
    (definition) => defineModel(definition),
  );
};

/**
 * The compositions in `models/<name>/composition.ts`, in the order of their names, with the features of their models.
 * @throws InvalidRequestError also when one does not fit the models that it names.
 */
export const loadCompositions = async (
  definitions: readonly ModelDefinition[],
  folder = MODELS_FOLDER,
): Promise<readonly CompositionDefinition[]> => {
  const names = foldersIn(folder).filter((name) => isComposition(folder, name));
  const both = names.find((name) => existsSync(join(folder, name, MODEL_FILE)));
  if (both !== undefined) throw new InvalidRequestError(`models/${both} has both a model.ts and a composition.ts`);
  const loaded = await Promise.all(
    names.map((name) => loadDefault<CompositionDefinition>(folder, name, COMPOSITION_FILE)),
  );
  return loaded.map((composition) => resolveComposition(defineComposition(composition), definitions));
};

const loadDefault = async <Definition extends { readonly name: string }>(
  folder: string,
  name: string,
  fileName: typeof MODEL_FILE | typeof COMPOSITION_FILE,
): Promise<Definition> => {
  const file = join(folder, name, fileName);
  if (!existsSync(file)) throw new InvalidRequestError(`models/${name} has no ${MODEL_FILE}`);
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: Definition };
  const define = fileName === MODEL_FILE ? 'defineModel' : 'defineComposition';
  if (module.default === undefined) {
    throw new InvalidRequestError(`models/${name}/${fileName} has no default export, must export ${define}({...})`);
  }
  if (module.default.name !== name) {
    throw new InvalidRequestError(
      `models/${name}/${fileName} defines ${JSON.stringify(module.default.name)}, must carry its folder's name`,
    );
  }
  return module.default;
};

/** The file `definitions.json` beside the functions that read definitions: the same bytes for the same models. */
export const serialiseDefinitions = (definitions: readonly ModelDefinition[]): string =>
  `${JSON.stringify(Object.fromEntries(definitions.map((definition) => [definition.name, definition])))}\n`;
