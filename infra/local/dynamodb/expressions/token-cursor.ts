import { Buffer } from 'node:buffer';
import { validationError } from '../errors.ts';
import { isReservedWord } from './reserved-words.ts';
import type { DocumentPath } from './syntax.ts';

const MAX_EXPRESSION_BYTES = 4096;
const MAX_OPERATORS = 300;
const MAX_PATH_ELEMENTS = 32;
const MAX_DEPTH = 300;
const MAX_LIST_INDEX = 2 ** 31 - 1;
const TOKEN = /\s*(?:([A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|\d+|<>|<=|>=|[=<>(),.[\]+-])|(\S))/y;

/** The tokens of one expression, read from the left; complains as DynamoDB does. */
export interface TokenCursor {
  peek(): string | undefined;
  /** The next token as an upper-case keyword; keywords are case-insensitive. */
  peekKeyword(): string | undefined;
  /** True when the token after the next one is `token`. */
  followedBy(token: string): boolean;
  next(): string;
  /** Consumes the token if it is the next one. */
  accept(token: string): boolean;
  acceptKeyword(keyword: string): boolean;
  expect(token: string): void;
  expectKeyword(keyword: string): void;
  /** `a.b[1].#c`. */
  path(): DocumentPath;
  /** `:value`, noted as used. */
  valueReference(): string;
  countOperator(): void;
  /** Counts a level of parentheses, so that no text can exhaust the stack; call the answer on leaving it. */
  enter(): () => void;
  /** @throws AwsError ValidationException */
  fail(message: string): never;
  failAtToken(): never;
  end(): void;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

const tokensOf = (text: string, fail: (message: string) => never): readonly string[] => {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EXPRESSION_BYTES) {
    fail(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
  }
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  for (;;) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return tokens;
    if (match[1] === undefined) {
      const near = text.slice(Math.max(0, start - 10), start + 10).trim();
      return fail(`Syntax error; token: "${match[2]}", near: "${near}"`);
    }
    tokens.push(match[1]);
  }
};

const isName = (token: string): boolean => /^[A-Za-z#]/.test(token);

/** What an expression may cost. */
const createBudget = (fail: (message: string) => never): Pick<TokenCursor, 'countOperator' | 'enter'> => {
  let operatorCount = 0;
  let depth = 0;
  return {
    countOperator: () => {
      operatorCount += 1;
      if (operatorCount > MAX_OPERATORS) {
        fail(`The expression contains too many operators; operator count: ${operatorCount}`);
      }
    },
    enter: () => {
      depth += 1;
      if (depth > MAX_DEPTH) {
        fail(`The expression is nested too deeply; nesting levels: ${depth}, allowed: ${MAX_DEPTH}`);
      }
      return () => {
        depth -= 1;
      };
    },
  };
};

export const createTokenCursor = (text: string, parameter: string): TokenCursor => {
  const fail = (message: string): never => {
    throw validationError(`Invalid ${parameter}: ${message}`);
  };
  const tokens = tokensOf(text, fail);
  if (tokens.length === 0) fail('The expression can not be empty;');
  const names: string[] = [];
  const values: string[] = [];
  let position = 0;

  const failAtToken = (): never => {
    const near = tokens.slice(Math.max(0, position - 1), position + 2).join(' ');
    return fail(`Syntax error; token: "${tokens[position] ?? '<EOF>'}", near: "${near}"`);
  };
  const peek = (): string | undefined => tokens[position];
  const peekKeyword = (): string | undefined => tokens[position]?.toUpperCase();
  const next = (): string => {
    const token = tokens[position];
    if (token === undefined) return failAtToken();
    position += 1;
    return token;
  };
  const take = (found: boolean): boolean => {
    if (found) position += 1;
    return found;
  };
  const accept = (token: string): boolean => take(peek() === token);
  const acceptKeyword = (keyword: string): boolean => take(peekKeyword() === keyword);

  const name = (): string => {
    const token = peek() ?? '';
    if (!isName(token)) return failAtToken();
    if (token.startsWith('#')) names.push(token);
    else if (isReservedWord(token)) fail(`Attribute name is a reserved keyword; reserved keyword: ${token}`);
    return next();
  };

  const listIndex = (): number => {
    if (!/^\d/.test(peek() ?? '')) failAtToken();
    const index = Number(next());
    if (index > MAX_LIST_INDEX) fail(`List index is not within the allowable range; index: [${index}]`);
    if (!accept(']')) failAtToken();
    return index;
  };

  const path = (): DocumentPath => {
    const elements: (string | number)[] = [name()];
    for (;;) {
      if (accept('.')) elements.push(name());
      else if (accept('[')) elements.push(listIndex());
      else break;
    }
    if (elements.length > MAX_PATH_ELEMENTS) {
      fail(
        `The document path has too many nesting elements; nesting levels: ${elements.length}, allowed: ${MAX_PATH_ELEMENTS}`,
      );
    }
    return elements;
  };

  return {
    peek,
    peekKeyword,
    followedBy: (token) => tokens[position + 1] === token,
    next,
    accept,
    acceptKeyword,
    expect: (token) => void (accept(token) || failAtToken()),
    expectKeyword: (keyword) => void (acceptKeyword(keyword) || failAtToken()),
    path,
    valueReference: () => {
      if (!(peek() ?? '').startsWith(':')) return failAtToken();
      const reference = next();
      values.push(reference);
      return reference;
    },
    ...createBudget(fail),
    fail,
    failAtToken,
    end: () => void (position === tokens.length || failAtToken()),
    names,
    values,
  };
};
