import { AwsError } from '../contracts.ts';

/** Grammar of metric math: numbers, ids, texts, arrays, calls, and operators by precedence. */

export type MathNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'id'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly MathNode[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly MathNode[] }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: MathNode; readonly right: MathNode };

const MAX_LENGTH = 1024;
const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z][A-Za-z0-9_]*)|"([^"]*)"|'([^']*)'|(&&|\|\||<=|>=|==|!=|[-+*/^<>()[\],]))/y;
/** From the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR'],
  ['AND'],
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];
const SPELLINGS: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR' };

type Token = { readonly kind: 'number' | 'word' | 'text' | 'symbol'; readonly text: string };

const invalid = (expression: string, why: string): AwsError =>
  new AwsError('ValidationError', `Error in expression '${expression}': ${why}`);

const toToken = ([, number, word, double, single, symbol = '']: RegExpExecArray): Token => {
  if (number !== undefined) return { kind: 'number', text: number };
  if (word !== undefined) return { kind: word === 'AND' || word === 'OR' ? 'symbol' : 'word', text: word };
  const text = double ?? single;
  return text === undefined ? { kind: 'symbol', text: SPELLINGS[symbol] ?? symbol } : { kind: 'text', text };
};

const tokenize = (expression: string): readonly Token[] => {
  if (expression.length > MAX_LENGTH) throw invalid(expression.slice(0, 50), `longer than ${MAX_LENGTH} characters`);
  const tokens: Token[] = [];
  const source = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const position = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw invalid(expression, `unexpected ${source.slice(position).trim().charAt(0)}`);
    tokens.push(toToken(match));
  }
  return tokens;
};

interface Parser {
  readonly expression: string;
  readonly tokens: readonly Token[];
  position: number;
}

const peek = (parser: Parser): Token | undefined => parser.tokens[parser.position];

const takeSymbol = (parser: Parser, symbol: string): boolean => {
  const token = peek(parser);
  if (token?.kind !== 'symbol' || token.text !== symbol) return false;
  parser.position += 1;
  return true;
};

const expectSymbol = (parser: Parser, symbol: string): void => {
  if (!takeSymbol(parser, symbol)) throw invalid(parser.expression, `expected ${symbol}`);
};

const parseListUntil = (parser: Parser, end: string): readonly MathNode[] => {
  const items: MathNode[] = [];
  if (takeSymbol(parser, end)) return items;
  do items.push(parseLevel(parser, 0));
  while (takeSymbol(parser, ','));
  expectSymbol(parser, end);
  return items;
};

const parsePrimary = (parser: Parser): MathNode => {
  if (takeSymbol(parser, '-')) {
    return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right: parsePrimary(parser) };
  }
  if (takeSymbol(parser, '(')) {
    const inner = parseLevel(parser, 0);
    expectSymbol(parser, ')');
    return inner;
  }
  if (takeSymbol(parser, '[')) return { kind: 'array', items: parseListUntil(parser, ']') };
  const token = peek(parser);
  if (token === undefined || token.kind === 'symbol')
    throw invalid(parser.expression, `unexpected ${token?.text ?? 'end'}`);
  parser.position += 1;
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
  if (token.kind === 'text') return { kind: 'text', text: token.text };
  if (takeSymbol(parser, '('))
    return { kind: 'call', name: token.text.toUpperCase(), args: parseListUntil(parser, ')') };
  return { kind: 'id', name: token.text };
};

const parseLevel = (parser: Parser, level: number): MathNode => {
  const operators = LEVELS[level];
  if (operators === undefined) return parsePrimary(parser);
  let left = parseLevel(parser, level + 1);
  for (;;) {
    const operator = operators.find((candidate) => takeSymbol(parser, candidate));
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: parseLevel(parser, level + 1) };
  }
};

/** @throws AwsError ValidationError */
export const parseMathExpression = (expression: string): MathNode => {
  const parser: Parser = { expression, tokens: tokenize(expression), position: 0 };
  const node = parseLevel(parser, 0);
  if (parser.position < parser.tokens.length) throw invalid(expression, `unexpected ${peek(parser)?.text}`);
  return node;
};
