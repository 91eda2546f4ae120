import { shortNumber } from '../reports/index.ts';

/** The numbers of a test, for people: the same wherever they stand. */

/** Of a test: what was measured, and what it must be. */
export interface JudgedNumbers {
  readonly measured?: number | undefined;
  readonly interval?: readonly [low: number, high: number] | undefined;
  readonly condition?:
    | {
        readonly below?: number | undefined;
        readonly above?: number | undefined;
        readonly atMost?: number | undefined;
        readonly atLeast?: number | undefined;
      }
    | undefined;
}

interface ToldNumbers {
  /** With its interval where there is one; empty of what was not measured. */
  readonly measured: string;
  /** Empty of what has none. */
  readonly condition: string;
}

/** Why a value beyond its bound may pass. */
export const INTERVAL_NOTE =
  'What has an interval in brackets fails only where no value of the interval is as it must be.';

/** Why tests and the drift check may find otherwise. */
export const DAY_NOTE =
  'Tests are of the day alone, drift is of the whole window that ends with it, each by its own limit: one may find what the other does not.';

const DIGITS = [3, 4, 5, 6] as const;

/** As many as keep a value from reading like a bound that it does not have. */
const digitsOf = ({ measured, interval, condition = {} }: JudgedNumbers): number => {
  const values = [measured, ...(interval ?? [])].filter((value) => value !== undefined);
  const bounds = Object.values(condition).filter((bound) => bound !== undefined);
  const tellsApart = (digits: number): boolean =>
    values.every((value) =>
      bounds.every((bound) => value === bound || shortNumber(value, digits) !== shortNumber(bound, digits)),
    );
  return DIGITS.find(tellsApart) ?? DIGITS[0];
};

/** Three digits, more only where the numbers would read alike and are not. */
export const tellTest = (judged: JudgedNumbers): ToldNumbers => {
  const { measured, interval, condition: { below, above, atMost, atLeast } = {} } = judged;
  const digits = digitsOf(judged);
  const shown = (value: number): string => shortNumber(value, digits);
  const within = interval === undefined ? '' : ` (${shown(interval[0])} to ${shown(interval[1])})`;
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${shown(atLeast)}`]),
    ...(above === undefined ? [] : [`above ${shown(above)}`]),
    ...(atMost === undefined ? [] : [`at most ${shown(atMost)}`]),
    ...(below === undefined ? [] : [`below ${shown(below)}`]),
  ];
  return { measured: measured === undefined ? '' : `${shown(measured)}${within}`, condition: bounds.join(' and ') };
};
