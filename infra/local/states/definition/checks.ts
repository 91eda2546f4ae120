import { expressionSource, isExpression } from '../query/expression.ts';

export type Report = (code: string, message: string, location: string) => void;
export type Json = Readonly<Record<string, unknown>>;

/** Where in the document a check stands, and what it knows about the names around. */
export interface CheckContext {
  readonly path: string;
  readonly report: Report;
  /** State names of the whole definition: they must not repeat. */
  readonly names: Set<string>;
  /** Variables that enclosing scopes assign: an inner scope must not assign them again. */
  readonly outer: ReadonlySet<string>;
  readonly syntaxError: (source: string) => string | undefined;
}

export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const JSONPATH_FIELDS = new Set([
  'InputPath',
  'OutputPath',
  'ResultPath',
  'ResultSelector',
  'Parameters',
  'ItemsPath',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ErrorPath',
  'CausePath',
  'Variable',
]);

export const checkAllowed = (value: Json, allowed: readonly string[], path: string, report: Report): void => {
  for (const field of Object.keys(value)) {
    if (allowed.includes(field)) continue;
    const why = JSONPATH_FIELDS.has(field) ? ' because it belongs to JSONPath and the query language is JSONata' : '';
    report(SCHEMA, `Field '${field}' is not supported${why}`, `${path}/${field}`);
  }
};

/** Checks the syntax of every expression inside a field. */
export const checkTemplate = (value: unknown, path: string, context: CheckContext): void => {
  if (typeof value === 'string') {
    if (isExpression(value)) {
      const message = context.syntaxError(expressionSource(value));
      if (message !== undefined) context.report(SCHEMA, `The JSONata expression is not valid: ${message}`, path);
    } else if (value.trim().startsWith('{%')) {
      context.report(SCHEMA, 'A JSONata expression must be the whole string: {% … %}', path);
    }
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkTemplate(item, `${path}/${i}`, context);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkTemplate(item, `${path}/${key}`, context);
  }
};

/** A number in [min, max], or an expression. Absent is fine. */
export const checkNumberField = (
  value: unknown,
  path: string,
  context: CheckContext,
  bounds: { readonly min: number; readonly max: number },
): void => {
  if (value === undefined) return;
  if (typeof value === 'string' && isExpression(value)) checkTemplate(value, path, context);
  else if (typeof value !== 'number' || value < bounds.min || value > bounds.max) {
    context.report(SCHEMA, `Expected a number between ${bounds.min} and ${bounds.max} or a JSONata expression`, path);
  }
};

export const checkAssign = (state: Json, path: string, context: CheckContext): void => {
  const assign = state.Assign;
  if (assign === undefined) return;
  if (!isObject(assign)) {
    context.report(SCHEMA, 'Expected type of Object', `${path}/Assign`);
    return;
  }
  for (const name of Object.keys(assign)) {
    const location = `${path}/Assign/${name}`;
    if (!/^[\p{L}_][\p{L}\p{N}_]{0,79}$/u.test(name)) {
      context.report(SCHEMA, `'${name}' is not a valid variable name`, location);
    } else if (name === 'states') {
      context.report(SCHEMA, "The variable name 'states' is reserved", location);
    } else if (context.outer.has(name)) {
      context.report(SCHEMA, `The variable '${name}' is already assigned in an outer scope`, location);
    }
  }
  checkTemplate(assign, `${path}/Assign`, context);
};
