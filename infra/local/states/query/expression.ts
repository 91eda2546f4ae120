import jsonata from 'jsonata';

/** JSONata's own guard rails: an endless recursion or loop in a definition must not hang the process. */
const GUARDS = { timeout: 5_000, stack: 1_000, sequence: 100_000 };
const CACHE_LIMIT = 2_000;

const compiled = new Map<string, jsonata.Expression>();

/** True for a string that Step Functions evaluates: `{% … %}`, nothing before or after. */
export const isExpression = (text: string): boolean => text.startsWith('{%') && text.endsWith('%}') && text.length >= 4;

export const expressionSource = (text: string): string => text.slice(2, -2).trim();

/** @throws jsonata's error object when the expression has a syntax error. */
export const compileExpression = (source: string): jsonata.Expression => {
  const known = compiled.get(source);
  if (known) return known;
  const expression = jsonata(source, GUARDS);
  if (compiled.size >= CACHE_LIMIT) compiled.clear();
  compiled.set(source, expression);
  return expression;
};

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * Step Functions has JSONata 2.0.6, which lacks two operators of the version here. The parser turns both into
 * conditions that a 2.0.6 expression cannot write: one without places of its own, and one with the same place twice.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
const laterOperator = (node: unknown): '??' | '?:' | undefined => {
  if (!isNode(node)) return undefined;
  if (node.type === 'condition') {
    const { condition } = node;
    if (isNode(condition) && condition.type === 'function' && condition.position === undefined) return '??';
    if (JSON.stringify(condition) === JSON.stringify(node.then)) return '?:';
  }
  for (const value of Object.values(node)) {
    const found = laterOperator(value);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Undefined when the expression parses, else the parser's message. */
export const syntaxError = (source: string): string | undefined => {
  try {
    const later = laterOperator(compileExpression(source).ast());
    return later === undefined ? undefined : `Step Functions evaluates JSONata 2.0.6, which has no operator '${later}'`;
  } catch (error) {
    return messageOf(error);
  }
};

const collectMembers = (node: unknown, found: Set<string>): void => {
  if (!isNode(node)) return;
  const steps = node.type === 'path' && Array.isArray(node.steps) ? node.steps : [];
  const [first, second] = steps as readonly { readonly type?: string; readonly value?: unknown }[];
  if (first?.type === 'variable' && first.value === 'states' && second?.type === 'name')
    found.add(String(second.value));
  for (const value of Object.values(node)) collectMembers(value, found);
};

/** The members of `$states` that an expression names, such as `input` and `result`. It must parse. */
export const statesMembers = (source: string): ReadonlySet<string> => {
  const found = new Set<string>();
  collectMembers(compileExpression(source).ast(), found);
  return found;
};

/** JSONata throws plain objects. */
export const messageOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};
