import jsonata from 'jsonata';

/** JSONata's own guard rails: an endless recursion or loop in a definition must not hang the process. */
const GUARDS = { timeout: 10_000, stack: 1_000, sequence: 100_000 };
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

/** Undefined when the expression parses, else the parser's message. */
export const syntaxError = (source: string): string | undefined => {
  try {
    compileExpression(source);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
};

/** JSONata throws plain objects. */
export const messageOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};
