import { expressionSource, isExpression, statesMembers } from '../query/expression.ts';

export type Report = (code: string, message: string, location: string) => void;
export type Json = Readonly<Record<string, unknown>>;

/** Where in the document a check stands, and what it knows about the names around. */
export interface CheckContext {
  readonly path: string;
  readonly report: Report;
  /** What the machine says: states that say nothing follow it. */
  readonly queryLanguage: unknown;
  /** State names of the whole definition: they must not repeat. */
  readonly names: Set<string>;
  /** Variables that enclosing scopes assign: an inner scope must not assign them again. */
  readonly outer: ReadonlySet<string>;
  /** Labels of the distributed Maps of the whole definition: they must not repeat either. */
  readonly labels: Set<string>;
  readonly syntaxError: (source: string) => string | undefined;
}

/** Members of `$states` that exist in some fields only. */
type LateMember = 'result' | 'errorOutput';
const LATE_MEMBERS: readonly LateMember[] = ['result', 'errorOutput'];

export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const JSONPATH_FIELDS = new Set([
  'InputPath',
  'OutputPath',
  'ResultPath',
  'ResultSelector',
  'Parameters',
  'Result',
  'ItemsPath',
  'Iterator',
  'MaxConcurrencyPath',
  'MaxItemsPath',
  'MaxItemsPerBatchPath',
  'MaxInputBytesPerBatchPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
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

const checkExpression = (text: string, path: string, context: CheckContext, available: readonly LateMember[]): void => {
  const source = expressionSource(text);
  const message = context.syntaxError(source);
  if (message !== undefined) {
    context.report(SCHEMA, `The JSONata expression is not valid: ${message}`, path);
    return;
  }
  const members = statesMembers(source);
  for (const member of LATE_MEMBERS) {
    if (!members.has(member) || available.includes(member)) continue;
    context.report(SCHEMA, `The variable '$states.${member}' is not accessible in this field`, path);
  }
};

/** Checks every expression inside a field: its syntax, and that what it reads of `$states` exists there. */
export const checkTemplate = (
  value: unknown,
  path: string,
  context: CheckContext,
  available: readonly LateMember[] = [],
): void => {
  if (typeof value === 'string') {
    if (isExpression(value)) checkExpression(value, path, context, available);
    else if (value.trim().startsWith('{%')) {
      context.report(SCHEMA, 'A JSONata expression must be the whole string: {% … %}', path);
    }
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkTemplate(item, `${path}/${i}`, context, available);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkTemplate(item, `${path}/${key}`, context, available);
  }
};

/** A number in [min, max], or an expression. Absent is fine. */
export const checkNumberField = (value: unknown, path: string, context: CheckContext, bounds: NumberBounds): void => {
  if (value === undefined) return;
  if (typeof value === 'string' && isExpression(value)) checkTemplate(value, path, context);
  else if (!isNumberWithin(value, bounds)) {
    const kind = bounds.fraction === true ? 'a number' : 'an integer';
    context.report(SCHEMA, `Expected ${kind} between ${bounds.min} and ${bounds.max} or a JSONata expression`, path);
  }
};

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Set where a number need not be whole. */
  readonly fraction?: boolean;
}

export const isNumberWithin = (value: unknown, { min, max, fraction = false }: NumberBounds): boolean =>
  typeof value === 'number' && value >= min && value <= max && (fraction || Number.isInteger(value));

export const checkAssign = (
  state: Json,
  path: string,
  context: CheckContext,
  available: readonly LateMember[] = [],
): void => {
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
  checkTemplate(assign, `${path}/Assign`, context, available);
};
