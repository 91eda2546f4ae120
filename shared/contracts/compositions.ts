import * as v from 'valibot';
import { NotFoundError } from '../kernel/errors.ts';
import { showValue } from '../kernel/show-value.ts';
import { type CompositionDefinition, CompositionDefinitionSchema } from './composition-definition.ts';
import { parse } from './parse.ts';

/** Beside the code of the function that serves compositions: every one of them by name, with its models' features named. */
export const COMPOSITIONS_FILE = 'compositions.json';

export const serialiseCompositions = (compositions: readonly CompositionDefinition[]): string =>
  `${JSON.stringify(Object.fromEntries(compositions.map((composition) => [composition.name, composition])))}\n`;

/** @throws InvalidRequestError when the file does not match this code's schema; NotFoundError when it has no such name. */
export const compositionIn = (json: string, name: string): CompositionDefinition => {
  const schema = v.record(v.string(), CompositionDefinitionSchema);
  const byName = parse(schema, JSON.parse(json), COMPOSITIONS_FILE);
  const composition = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (composition !== undefined) return composition;
  throw new NotFoundError(`composition ${showValue(name)} is not in ${COMPOSITIONS_FILE}`);
};
