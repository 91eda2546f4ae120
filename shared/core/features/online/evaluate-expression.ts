import { assert } from '../../../kernel/assert.ts';
import type { Expression, ExpressionOperation } from './expression.ts';
import { type LocalTime, localTime } from './local-time.ts';

/** Values by name: numbers, text, timestamps as epoch ms; null for one that is missing. */
export type ExpressionValues = ReadonlyMap<string, number | string | null>;

type Value = number | string | null;

const partOf =
  (part: keyof LocalTime) =>
  ([atMs, zone]: readonly Value[]): number => {
    assert(typeof atMs === 'number' && typeof zone === 'string', `${part} takes a timestamp and a zone`);
    return localTime(atMs, zone)[part];
  };

const numbers =
  (combine: (numbers: readonly number[]) => number | null) =>
  (parts: readonly Value[]): number | null =>
    combine(
      parts.map((part) => {
        assert(typeof part === 'number', `a number is expected, got ${typeof part}`);
        return part;
      }),
    );

/** Only called with values that are there; `first` alone takes missing ones. */
const OPERATIONS: Readonly<Record<Exclude<ExpressionOperation, 'first'>, (parts: readonly Value[]) => number | null>> =
  {
    hour: partOf('hour'),
    minute: partOf('minute'),
    weekday: partOf('weekday'),
    add: numbers((parts) => parts.reduce((sum, part) => sum + part)),
    subtract: numbers(([from = 0, by = 0]) => from - by),
    multiply: numbers((parts) => parts.reduce((product, part) => product * part)),
    divide: numbers(([above = 0, below = 0]) => (below === 0 ? null : above / below)),
    absolute: numbers(([part = 0]) => Math.abs(part)),
    floor: numbers(([part = 0]) => Math.floor(part)),
  };

const evaluate = (expression: Expression, values: ExpressionValues): Value => {
  if (typeof expression === 'number') return expression;
  if (typeof expression === 'string') return values.get(expression) ?? null;
  const parts = expression.of.map((part) => evaluate(part, values));
  if (expression.op === 'first') return parts.find((part) => part !== null) ?? null;
  return parts.includes(null) ? null : OPERATIONS[expression.op](parts);
};

/**
 * What `requestFeatureSql` gives in DuckDB, in JavaScript: the same double for the same values, null for SQL's NULL.
 * @throws InvalidRequestError for a time zone that is none.
 */
export const evaluateExpression = (expression: Expression, values: ExpressionValues): number | string | null => {
  const value = evaluate(expression, values);
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
};
