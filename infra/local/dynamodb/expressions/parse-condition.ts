import type { Comparator, Condition, ConditionFunction, Operand, Parsed } from './syntax.ts';
import { createTokenCursor, type TokenCursor } from './token-cursor.ts';

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Function names are case-sensitive, unlike keywords. */
const OPERAND_COUNTS: Readonly<Record<ConditionFunction | 'size', number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};

const UPDATE_FUNCTIONS = ['if_not_exists', 'list_append'];

const isFunction = (name: string): name is ConditionFunction | 'size' => Object.hasOwn(OPERAND_COUNTS, name);

/** A parse step answers with the node and whether its outermost sign was a parenthesis. */
interface Step {
  readonly condition: Condition;
  readonly parenthesized: boolean;
}

const parseCall = (
  cursor: TokenCursor,
  functionName: string,
): Operand | { readonly call: Extract<Condition, { kind: 'function' }> } => {
  if (UPDATE_FUNCTIONS.includes(functionName)) {
    cursor.fail(`The function is not allowed in a condition expression; function: ${functionName}`);
  }
  if (!isFunction(functionName)) return cursor.fail(`Invalid function name; function: ${functionName}`);
  cursor.countOperator();
  const operands: Operand[] = [];
  do operands.push(parseOperand(cursor));
  while (cursor.accept(','));
  cursor.expect(')');
  if (operands.length !== OPERAND_COUNTS[functionName]) {
    cursor.fail(
      `Incorrect number of operands for operator or function; operator or function: ${functionName}, number of operands: ${operands.length}`,
    );
  }
  const [operand] = operands;
  if (functionName !== 'size') return { call: { kind: 'function', name: functionName, operands } };
  return operand === undefined ? cursor.failAtToken() : { kind: 'size', operand };
};

/** An operand, or a function call where the grammar takes one in its place. */
const parseOperandOrCall = (cursor: TokenCursor): ReturnType<typeof parseCall> => {
  const token = cursor.peek() ?? '';
  if (token.startsWith(':')) return { kind: 'value', reference: cursor.valueReference() };
  if (/^[A-Za-z]/.test(token)) {
    const ahead = lookAheadForCall(cursor);
    if (ahead !== undefined) return parseCall(cursor, ahead);
  }
  return { kind: 'path', path: cursor.path() };
};

const parseOperand = (cursor: TokenCursor): Operand => {
  const found = parseOperandOrCall(cursor);
  if ('call' in found) {
    return cursor.fail(
      `The function is not allowed to be used this way in an expression; function: ${found.call.name}`,
    );
  }
  return found;
};

const lookAheadForCall = (cursor: TokenCursor): string | undefined => {
  if (!cursor.followedBy('(')) return undefined;
  const functionName = cursor.next();
  cursor.expect('(');
  return functionName;
};

const parseComparison = (cursor: TokenCursor): Condition => {
  const found = parseOperandOrCall(cursor);
  if ('call' in found) return found.call;
  if (cursor.acceptKeyword('BETWEEN')) {
    cursor.countOperator();
    const low = parseOperand(cursor);
    cursor.expectKeyword('AND');
    return { kind: 'between', operand: found, low, high: parseOperand(cursor) };
  }
  if (cursor.acceptKeyword('IN')) {
    cursor.countOperator();
    cursor.expect('(');
    const candidates: Operand[] = [];
    do candidates.push(parseOperand(cursor));
    while (cursor.accept(','));
    cursor.expect(')');
    return { kind: 'in', operand: found, candidates };
  }
  if (!COMPARATORS.has(cursor.peek() ?? '')) {
    if (found.kind === 'size') {
      cursor.fail('The function is not allowed to be used this way in an expression; function: size');
    }
    return cursor.failAtToken();
  }
  cursor.countOperator();
  const comparator = cursor.next() as Comparator;
  return { kind: 'compare', comparator, left: found, right: parseOperand(cursor) };
};

const parsePrimary = (cursor: TokenCursor): Step => {
  if (!cursor.accept('(')) return { condition: parseComparison(cursor), parenthesized: false };
  const leave = cursor.enter();
  const inner = parseOr(cursor);
  cursor.expect(')');
  leave();
  if (inner.parenthesized) cursor.fail('The expression has redundant parentheses;');
  return { condition: inner.condition, parenthesized: true };
};

const parseNot = (cursor: TokenCursor): Step => {
  if (!cursor.acceptKeyword('NOT')) return parsePrimary(cursor);
  cursor.countOperator();
  return { condition: { kind: 'not', condition: parseNot(cursor).condition }, parenthesized: false };
};

const parseChain = (cursor: TokenCursor, keyword: 'AND' | 'OR', parseNext: (cursor: TokenCursor) => Step): Step => {
  let step = parseNext(cursor);
  while (cursor.acceptKeyword(keyword)) {
    cursor.countOperator();
    const kind = keyword === 'AND' ? 'and' : 'or';
    step = {
      condition: { kind, left: step.condition, right: parseNext(cursor).condition },
      parenthesized: false,
    };
  }
  return step;
};

const parseAnd = (cursor: TokenCursor): Step => parseChain(cursor, 'AND', parseNot);
const parseOr = (cursor: TokenCursor): Step => parseChain(cursor, 'OR', parseAnd);

/** Parses a condition, filter or key condition. @throws AwsError ValidationException */
export const parseCondition = (text: string, parameter: string): Parsed<Condition> => {
  const cursor = createTokenCursor(text, parameter);
  const { condition } = parseOr(cursor);
  cursor.end();
  return { node: condition, names: cursor.names, values: cursor.values };
};
