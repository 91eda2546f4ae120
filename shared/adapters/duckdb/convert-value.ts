import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { InvalidRequestError } from '../../kernel/errors.ts';
import { DAY_MS, utcDay } from '../../kernel/time.ts';

const toSafeInteger = (value: bigint): number => {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new InvalidRequestError(
    `integer must be within ±(2^53 - 1) to be read exactly, got ${value}; cast it in the SQL`,
  );
};

/** Whole milliseconds at or before the instant: division of bigints rounds towards zero, which would move 1969. */
const floorDivide = (value: bigint, by: bigint): bigint => (value >= 0n ? value / by : (value - by + 1n) / by);

const timestampMs = (value: DuckDBValue): number | undefined => {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return toSafeInteger(floorDivide(value.micros, 1_000n));
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) return toSafeInteger(value.millis);
  if (value instanceof DuckDBTimestampSecondsValue) return toSafeInteger(value.seconds * 1_000n);
  if (value instanceof DuckDBTimestampNanosecondsValue) return toSafeInteger(floorDivide(value.nanos, 1_000_000n));
  return undefined;
};

/**
 * A value of DuckDB as plain JavaScript: numbers (integers exactly or not at all), text, booleans, timestamps as epoch
 * ms, dates as `YYYY-MM-DD`, lists as arrays, NULL as null.
 * @throws InvalidRequestError for an integer beyond 2^53 or a type that has no plain form.
 */
export const toPlainValue = (value: DuckDBValue): unknown => {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'bigint') return toSafeInteger(value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBDateValue) return utcDay(value.days * DAY_MS);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toPlainValue);
  const atMs = timestampMs(value);
  if (atMs !== undefined) return atMs;
  throw new InvalidRequestError(
    `a query may give numbers, text, booleans, timestamps, dates and lists, got ${value.constructor.name} ${value}`,
  );
};

/** A value as a number for a numeric column: NULL is NaN, false and true are 0 and 1. */
export const toNumber = (value: DuckDBValue): number => {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') return value;
  const plain = toPlainValue(value);
  if (typeof plain === 'number') return plain;
  if (typeof plain === 'boolean') return plain ? 1 : 0;
  throw new InvalidRequestError(`a numeric column must hold numbers, got ${JSON.stringify(plain)}`);
};
