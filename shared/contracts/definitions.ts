import * as v from 'valibot';
import { NotFoundError } from '../kernel/errors.ts';
import { showValue } from '../kernel/show-value.ts';
import { type ModelDefinition, ModelDefinitionSchema } from './model-definition.ts';
import { parse } from './parse.ts';

/** Every deployed model by name. A map, so that no name of `Object.prototype` is a model. */
export type Definitions = ReadonlyMap<string, ModelDefinition>;

/**
 * Reads `definitions.json`, which the app writes beside the code of the functions that need it.
 * @throws InvalidRequestError when the file does not match this code's schema.
 */
export const parseDefinitions = (json: string): Definitions => {
  const byName = parse(v.record(v.string(), ModelDefinitionSchema), JSON.parse(json), 'definitions.json');
  return new Map(Object.entries(byName));
};

/** @throws NotFoundError */
export const definitionOf = (definitions: Definitions, model: string): ModelDefinition => {
  const definition = definitions.get(model);
  if (definition !== undefined) return definition;
  throw new NotFoundError(
    `model ${showValue(model)} is not deployed; deployed: ${[...definitions.keys()].sort().join(', ')}`,
  );
};
