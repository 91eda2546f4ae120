import { InvalidRequestError } from '../../../kernel/errors.ts';

/**
 * The words of a filter or of an order. An identifier is one token whatever its quotes: `metrics."a b"` has the parts
 * `metrics` and `a b`.
 */
export type Token =
  | { readonly kind: 'identifier'; readonly text: string; readonly parts: readonly IdentifierPart[] }
  | { readonly kind: 'text'; readonly text: string; readonly value: string }
  | { readonly kind: 'number'; readonly text: string; readonly value: number }
  | { readonly kind: 'comparator'; readonly text: string }
  | { readonly kind: 'punctuation'; readonly text: '(' | ')' | ',' };

export interface IdentifierPart {
  readonly text: string;
  /** How it was quoted; a plain word was not. */
  readonly quote: '`' | '"' | undefined;
}

const MAX_LENGTH = 200_000;
const SPACE = /\s+/y;
const WORD = /[\p{L}\p{N}_$]+/uy;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])/uy;
const COMPARATOR = /[<>=!]+/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/**
 * Where the text quoted at `from` closes. As MLflow reads it: a doubled or back-slashed quote does not close, unless
 * nothing else would.
 */
const closingQuote = (text: string, from: number): number | undefined => {
  const quote = text[from];
  let passedOver: number | undefined;
  for (let at = from + 1; at < text.length; at += 1) {
    const next = text[at + 1];
    if (text[at] === '\\' && next === quote && quote !== '`') {
      at += 1;
      passedOver = at;
    } else if (text[at] === quote) {
      if (next !== quote || quote === '`') return at;
      passedOver = at;
      at += 1;
    }
  }
  return passedOver;
};

interface Lexeme {
  readonly token: Token;
  readonly end: number;
}

/** What an error calls the text that is read. */
export type TokenSource = 'clause(s) in filter string' | 'order_by clause';

const quotedText = (text: string, from: number): { readonly value: string; readonly end: number } => {
  const close = closingQuote(text, from);
  if (close === undefined) {
    throw new InvalidRequestError(`Invalid filter or order_by: quote without end at ${text.slice(from, from + 40)}`);
  }
  return { value: text.slice(from + 1, close), end: close + 1 };
};

const identifierAt = (text: string, from: number): Lexeme | undefined => {
  const parts: IdentifierPart[] = [];
  let at = from;
  for (;;) {
    const first = text[at];
    if (first === '`' || first === '"') {
      const { value, end } = quotedText(text, at);
      parts.push({ text: value, quote: first });
      at = end;
    } else {
      const word = matchAt(WORD, text, at);
      if (word === undefined) return undefined;
      parts.push({ text: word, quote: undefined });
      at += word.length;
    }
    if (text[at] !== '.') return { token: { kind: 'identifier', text: text.slice(from, at), parts }, end: at };
    at += 1;
  }
};

const punctuationAt = (text: string, at: number): Lexeme | undefined => {
  const character = text[at];
  if (character !== '(' && character !== ')' && character !== ',') return undefined;
  return { token: { kind: 'punctuation', text: character }, end: at + 1 };
};

const lexemeAt = (text: string, at: number): Lexeme | undefined => {
  if (text[at] === "'") {
    const { value, end } = quotedText(text, at);
    return { token: { kind: 'text', text: text.slice(at, end), value }, end };
  }
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) {
    return { token: { kind: 'number', text: number, value: Number(number) }, end: at + number.length };
  }
  const comparator = matchAt(COMPARATOR, text, at);
  if (comparator !== undefined) {
    return { token: { kind: 'comparator', text: comparator }, end: at + comparator.length };
  }
  return punctuationAt(text, at) ?? identifierAt(text, at);
};

/** @throws InvalidRequestError for a character that begins no word, an open quote, or more than 200,000 characters. */
export const readTokens = (text: string, source: TokenSource): readonly Token[] => {
  if (text.length > MAX_LENGTH) {
    throw new InvalidRequestError(`filter and order_by have at most ${MAX_LENGTH} characters, got ${text.length}`);
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const lexeme = lexemeAt(text, at);
    if (lexeme === undefined) {
      throw new InvalidRequestError(
        `Invalid ${source}: '${text.slice(at, at + 40)}'. A key with other characters than letters, digits, underscores and dots needs back-ticks`,
      );
    }
    tokens.push(lexeme.token);
    at = lexeme.end;
  }
  return tokens;
};
