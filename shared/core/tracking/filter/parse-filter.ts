import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Clause, Comparator, Field, Filter } from '../search.ts';
import type { EntityTable, FieldRule } from './entity-table.ts';
import { findField } from './find-field.ts';
import { readTokens, type Token } from './read-tokens.ts';

const MAX_CLAUSES = 100;
const MAX_PATTERN_LENGTH = 2_000;
const WORD_COMPARATORS: readonly string[] = ['LIKE', 'ILIKE', 'IN'];

const invalidClause = (token: Token | undefined): InvalidRequestError =>
  new InvalidRequestError(
    `Invalid clause(s) in filter string: ${token === undefined ? 'it ends too early' : `'${token.text}'`}. Expected clauses 'key comparator value' joined by AND`,
  );

const keywordOf = (token: Token | undefined): string | undefined =>
  token?.kind === 'identifier' && token.parts.length === 1 && token.parts[0]?.quote === undefined
    ? token.text.toUpperCase()
    : undefined;

/** Reads the tokens in turn. */
interface Cursor {
  peek(): Token | undefined;
  take(): Token | undefined;
}

const cursorOver = (tokens: readonly Token[]): Cursor => {
  let at = 0;
  return {
    peek: () => tokens[at],
    take: () => {
      at += 1;
      return tokens[at - 1];
    },
  };
};

const takeComparator = (cursor: Cursor): string => {
  const token = cursor.take();
  if (token?.kind === 'comparator') return token.text;
  const word = keywordOf(token);
  if (word === 'NOT' && WORD_COMPARATORS.includes(keywordOf(cursor.peek()) ?? '')) {
    return `NOT ${keywordOf(cursor.take())}`;
  }
  if (word !== undefined && WORD_COMPARATORS.includes(word)) return word;
  throw invalidClause(token);
};

const isComparator = (text: string, rule: FieldRule): text is Comparator =>
  (rule.comparators as readonly string[]).includes(text);

const nameOf = ({ kind, key }: Field): string => `${kind} '${key}'`;

/** The text of `'…'` or `"…"`. */
const textOf = (token: Token | undefined): string | undefined => {
  if (token?.kind === 'text') return token.value;
  const only = token?.kind === 'identifier' && token.parts.length === 1 ? token.parts[0] : undefined;
  return only?.quote === '"' ? only.text : undefined;
};

const listError = (reason: string): InvalidRequestError =>
  new InvalidRequestError(
    `While parsing a list in the query, expected a non-empty list of string values, but got ${reason}`,
  );

const takeList = (cursor: Cursor, rule: FieldRule): readonly string[] => {
  const values: string[] = [];
  cursor.take();
  while (cursor.peek()?.text !== ')') {
    const token = cursor.take();
    const text = textOf(token);
    if (text === undefined) throw listError(token === undefined ? 'a list without end' : `'${token.text}'`);
    values.push(text);
    const separator = cursor.peek();
    if (separator?.text === ',') cursor.take();
    else if (separator?.text !== ')') throw listError('ill-formed list');
  }
  cursor.take();
  if (values.length === 0) throw listError('empty list');
  return rule.lists === 'lower-case' ? values.filter((value) => value === value.toLowerCase()) : values;
};

const takeNumber = (cursor: Cursor, field: Field): number => {
  const token = cursor.take();
  if (token?.kind === 'number') return token.value;
  throw new InvalidRequestError(
    `Expected numeric value type for ${nameOf(field)}. Found ${token === undefined ? 'nothing' : token.text}`,
  );
};

const takeText = (cursor: Cursor, field: Field): string => {
  const token = cursor.take();
  const text = textOf(token);
  if (text !== undefined) return text;
  throw new InvalidRequestError(
    `Expected a quoted string value for ${nameOf(field)} (e.g. 'my-value'). Got value ${token === undefined ? 'nothing' : token.text}`,
  );
};

interface Comparison {
  readonly field: Field;
  readonly comparator: Comparator;
  readonly rule: FieldRule;
}

const takeValue = (cursor: Cursor, { field, comparator, rule }: Comparison): Clause['value'] => {
  const isList = cursor.peek()?.text === '(';
  if (comparator === 'IN' || comparator === 'NOT IN') {
    if (!isList) throw listError(`'${cursor.peek()?.text ?? 'nothing'}'`);
    return takeList(cursor, rule);
  }
  if (isList) throw new InvalidRequestError(`comparator ${comparator} of ${nameOf(field)} takes one value, got a list`);
  if (rule.values === 'number') return takeNumber(cursor, field);
  const text = takeText(cursor, field);
  if (comparator !== '=' && comparator !== '!=' && text.length > MAX_PATTERN_LENGTH) {
    throw new InvalidRequestError(`a pattern has at most ${MAX_PATTERN_LENGTH} characters, got ${text.length}`);
  }
  return text;
};

const takeClause = (cursor: Cursor, table: EntityTable): Clause => {
  const token = cursor.take();
  if (token?.kind !== 'identifier' || keywordOf(token) === 'AND') throw invalidClause(token);
  const { field, rule } = findField(table, token);
  const comparator = takeComparator(cursor);
  if (!isComparator(comparator, rule)) {
    throw new InvalidRequestError(
      `Invalid comparator '${comparator}' for ${nameOf(field)}, not one of ${rule.comparators.join(', ')}`,
    );
  }
  return { field, comparator, value: takeValue(cursor, { field, comparator, rule }) };
};

/**
 * The clauses of a filter: `key comparator value`, joined by AND. Absent or blank asks for everything.
 * @throws InvalidRequestError for any other form (OR, brackets round clauses, several statements), unknown fields,
 * comparators that a field does not have, and values of the wrong kind.
 */
export const parseFilter = (table: EntityTable, text: string | undefined): Filter => {
  const cursor = cursorOver(readTokens(text ?? '', 'clause(s) in filter string'));
  const clauses: Clause[] = [];
  while (cursor.peek() !== undefined) {
    if (clauses.length > 0) {
      const joint = cursor.take();
      if (keywordOf(joint) !== 'AND') throw invalidClause(joint);
    }
    clauses.push(takeClause(cursor, table));
    if (clauses.length > MAX_CLAUSES) throw new InvalidRequestError(`a filter has at most ${MAX_CLAUSES} clauses`);
  }
  return clauses;
};
