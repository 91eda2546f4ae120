import { InvalidRequestError } from '../../kernel/errors.ts';

/** Text as a literal of SQL. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an identifier of SQL. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A number as a literal of SQL; a negative one keeps its sign apart from operators before it. */
export const sqlNumber = (value: number): string => {
  if (Number.isSafeInteger(value)) return value < 0 ? `(${value})` : `${value}`;
  if (Number.isFinite(value)) return `(${value}::DOUBLE)`;
  throw new InvalidRequestError(`a number in SQL must be finite, got ${value}`);
};

/** A query as it can stand in brackets: a trailing semicolon, which a definition may well have, is dropped. */
export const sqlQuery = (sql: string): string => `(\n${sql.trim().replace(/;\s*$/, '')}\n)`;
