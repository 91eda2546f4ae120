import { assert } from '../../../kernel/assert.ts';
import { sqlName, sqlNumber } from '../sql-text.ts';
import type { Expression, ExpressionOperation, RequestFeature, RequestValue } from './expression.ts';

/** The column of the training query that holds a request's value. */
export const columnOf = ({ name, type }: RequestValue): string => (type === 'timestamp' ? `${name}_ms` : name);

type Translate = (parts: readonly string[]) => string;

/** A local time, from epoch ms by a zone's name. The session's zone plays no part. */
const local = ([atMs = '', zone = '']: readonly string[]): string =>
  `timezone(${zone}, timezone('UTC', epoch_ms(${atMs}::BIGINT)))`;

const number = (part: string): string => `(${part})::DOUBLE`;
const infix =
  (sign: string): Translate =>
  (parts) =>
    `(${parts.map(number).join(` ${sign} `)})`;

const OPERATIONS: Readonly<Record<ExpressionOperation, Translate>> = {
  hour: (parts) => `hour(${local(parts)})`,
  minute: (parts) => `minute(${local(parts)})`,
  weekday: (parts) => `isodow(${local(parts)})`,
  add: infix('+'),
  subtract: infix('-'),
  multiply: infix('*'),
  divide: ([above = '', below = '']) => `(${number(above)} / nullif(${number(below)}, 0))`,
  absolute: ([part = '']) => `abs(${number(part)})`,
  floor: ([part = '']) => `floor(${number(part)})`,
  first: (parts) => `coalesce(${parts.map(number).join(', ')})`,
};

const translate = (expression: Expression, columns: ReadonlyMap<string, string>): string => {
  if (typeof expression === 'number') return `${sqlNumber(expression)}::DOUBLE`;
  if (typeof expression === 'string') return sqlName(columns.get(expression) ?? expression);
  return OPERATIONS[expression.op](expression.of.map((part) => translate(part, columns)));
};

/**
 * A request feature as a column of SQL, over the columns of the training query. What is not finite is NULL, as it has
 * no value at request time either.
 */
export const requestFeatureSql = ({ name, expression }: RequestFeature, values: readonly RequestValue[]): string => {
  assert(typeof expression !== 'number', `feature ${name} is no constant`);
  const sql = translate(expression, new Map(values.map((value) => [value.name, columnOf(value)])));
  // The name of a value gives the value itself, which may be text.
  if (typeof expression === 'string') return `${sql} AS ${sqlName(name)}`;
  return `CASE WHEN isfinite(${number(sql)}) THEN ${number(sql)} END AS ${sqlName(name)}`;
};
