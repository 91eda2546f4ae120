import type { DocumentPath, Parsed, SetOperand, UpdateAction } from './syntax.ts';
import { createTokenCursor, type TokenCursor } from './token-cursor.ts';

type Clause = UpdateAction['kind'];
const CLAUSES: readonly Clause[] = ['SET', 'REMOVE', 'ADD', 'DELETE'];

const parseFunction = (cursor: TokenCursor): SetOperand => {
  const name = cursor.next();
  cursor.expect('(');
  if (name !== 'if_not_exists' && name !== 'list_append') {
    return cursor.fail(`Invalid function name; function: ${name}`);
  }
  const first = parseOperand(cursor);
  cursor.expect(',');
  const second = parseOperand(cursor);
  if (cursor.peek() === ',') {
    cursor.fail(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: 3`,
    );
  }
  cursor.expect(')');
  if (name === 'list_append') return { kind: 'list_append', first, second };
  if (first.kind === 'path') return { kind: 'if_not_exists', path: first.path, otherwise: second };
  return cursor.fail('Operator or function requires a document path; operator or function: if_not_exists');
};

const parseOperand = (cursor: TokenCursor): SetOperand => {
  const token = cursor.peek() ?? '';
  if (token.startsWith(':')) return { kind: 'value', reference: cursor.valueReference() };
  if (token === '(') return parseParenthesized(cursor);
  if (/^[A-Za-z]/.test(token) && cursor.followedBy('(')) return parseFunction(cursor);
  return { kind: 'path', path: cursor.path() };
};

const parseParenthesized = (cursor: TokenCursor): SetOperand => {
  cursor.expect('(');
  if (cursor.peek() === '(') cursor.fail('The expression has redundant parentheses;');
  const value = parseSetValue(cursor);
  cursor.expect(')');
  return value;
};

/** One sum at most: DynamoDB's grammar has no `a + b + c`. */
const parseSetValue = (cursor: TokenCursor): SetOperand => {
  const left = parseOperand(cursor);
  if (cursor.accept('+')) return { kind: 'plus', left, right: parseOperand(cursor) };
  if (cursor.accept('-')) return { kind: 'minus', left, right: parseOperand(cursor) };
  return left;
};

const parseAction = (cursor: TokenCursor, clause: Clause): UpdateAction => {
  const path = cursor.path();
  if (clause === 'REMOVE') return { kind: 'REMOVE', path };
  if (clause !== 'SET') return { kind: clause, path, reference: cursor.valueReference() };
  cursor.expect('=');
  return { kind: 'SET', path, value: parseSetValue(cursor) };
};

const overlaps = (left: DocumentPath, right: DocumentPath): boolean => {
  const shared = Math.min(left.length, right.length);
  return left.slice(0, shared).every((element, index) => element === right[index]);
};

const conflicts = (left: DocumentPath, right: DocumentPath): boolean => {
  const index = left.findIndex((element, at) => element !== right[at]);
  return index >= 0 && index < right.length && typeof left[index] !== typeof right[index];
};

const showPath = (path: DocumentPath): string =>
  `[${path.map((element) => (typeof element === 'number' ? `[${element}]` : element)).join(', ')}]`;

/**
 * Two actions may not touch one another's ground. Compared with names resolved, hence apart from parsing.
 * Returns the complaint, or undefined.
 */
export const pathComplaint = (paths: readonly DocumentPath[]): string | undefined => {
  for (const [position, one] of paths.entries()) {
    for (const two of paths.slice(position + 1)) {
      const complaint = overlaps(one, two) ? 'overlap' : conflicts(one, two) ? 'conflict' : undefined;
      if (complaint !== undefined) {
        return `Two document paths ${complaint} with each other; must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`;
      }
    }
  }
  return undefined;
};

/** Parses an update expression. @throws AwsError ValidationException */
export const parseUpdate = (text: string): Parsed<readonly UpdateAction[]> => {
  const cursor = createTokenCursor(text, 'UpdateExpression');
  const actions: UpdateAction[] = [];
  const seen = new Set<Clause>();
  while (cursor.peek() !== undefined) {
    const clause = CLAUSES.find((candidate) => cursor.acceptKeyword(candidate));
    if (clause === undefined) return cursor.failAtToken();
    if (seen.has(clause)) {
      cursor.fail(`The "${clause}" section can only be used once in an update expression;`);
    }
    seen.add(clause);
    do actions.push(parseAction(cursor, clause));
    while (cursor.accept(','));
  }
  return { node: actions, names: cursor.names, values: cursor.values };
};
