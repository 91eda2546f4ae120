import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { StateFailure } from '../failure.ts';
import { compileExpression, expressionSource, isExpression, messageOf } from './expression.ts';
import { createFunctions, type QueryEnvironment } from './functions.ts';

export type { QueryEnvironment } from './functions.ts';

/** `$states` and the workflow's variables, as an expression sees them. */
export interface QueryScope {
  readonly states: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly environment: QueryEnvironment;
}

const queryFailure = (cause: string, field: string): StateFailure =>
  new StateFailure('States.QueryEvaluationError', cause, field);

/** JSONata gives sequences with hidden marks, functions and undefined: only plain JSON leaves. */
const plainJson = (value: unknown, describe: () => StateFailure): JsonValue => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw describe();
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => plainJson(item, describe));
  if (typeof value !== 'object') throw describe();
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plainJson(item, describe)]));
};

const evaluateExpression = async (text: string, field: string, scope: QueryScope): Promise<JsonValue> => {
  const source = expressionSource(text);
  let result: unknown;
  try {
    result = await compileExpression(source).evaluate(undefined, {
      ...createFunctions(scope.environment),
      ...scope.variables,
      states: scope.states,
    });
  } catch (error) {
    const cause = `The JSONata expression '${source}' specified for the field '${field}' threw an error during evaluation. ${messageOf(error)}`;
    throw queryFailure(cause, field);
  }
  if (result === undefined) {
    const cause = `The JSONata expression '${source}' specified for the field '${field}' returned nothing (undefined).`;
    throw queryFailure(cause, field);
  }
  return plainJson(result, () => {
    const cause = `The JSONata expression '${source}' specified for the field '${field}' returned an unsupported result type.`;
    return queryFailure(cause, field);
  });
};

/**
 * Evaluates a field: every string `{% … %}` inside is replaced by its result.
 * @throws StateFailure States.QueryEvaluationError
 */
export const evaluateTemplate = async (template: JsonValue, field: string, scope: QueryScope): Promise<JsonValue> => {
  if (typeof template === 'string') {
    return isExpression(template) ? await evaluateExpression(template, field, scope) : template;
  }
  if (Array.isArray(template)) {
    const items: JsonValue[] = [];
    for (const [i, item] of template.entries()) items.push(await evaluateTemplate(item, `${field}[${i}]`, scope));
    return items;
  }
  if (template === null || typeof template !== 'object') return template;
  const entries: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(template)) {
    entries.push([key, await evaluateTemplate(value, `${field}/${key}`, scope)]);
  }
  return Object.fromEntries(entries);
};

const typeName = (value: JsonValue): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;

const expectType = (
  value: JsonValue,
  expected: 'number' | 'string' | 'boolean',
  template: JsonValue,
  field: string,
): void => {
  if (typeName(value) === expected) return;
  const source = typeof template === 'string' ? expressionSource(template) : JSON.stringify(template);
  const cause = `The JSONata expression '${source}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;
  throw queryFailure(cause, field);
};

/** A field that must give a number in [min, max]. */
export const evaluateNumber = async (
  template: number | string,
  field: string,
  scope: QueryScope,
  bounds: { readonly min: number; readonly max: number },
): Promise<number> => {
  const value = await evaluateTemplate(template, field, scope);
  expectType(value, 'number', template, field);
  const number = value as number;
  if (number < bounds.min || number > bounds.max) {
    throw queryFailure(`The field '${field}' must be between ${bounds.min} and ${bounds.max}, got ${number}.`, field);
  }
  return number;
};

export const evaluateString = async (template: string, field: string, scope: QueryScope): Promise<string> => {
  const value = await evaluateTemplate(template, field, scope);
  expectType(value, 'string', template, field);
  return value as string;
};

export const evaluateBoolean = async (
  template: boolean | string,
  field: string,
  scope: QueryScope,
): Promise<boolean> => {
  const value = await evaluateTemplate(template, field, scope);
  expectType(value, 'boolean', template, field);
  return value as boolean;
};
