import { InvalidRequestError } from '../../kernel/errors.ts';
import { DAY_MS } from '../../kernel/time.ts';

/** Days of the reference that each weekday needs before it has a mean of its own. */
const LEAST_OF_A_WEEKDAY = 4;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** Days since 1970. @throws InvalidRequestError for what is no day. */
export const dayNumber = (day: string): number => {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidRequestError(`a day must be YYYY-MM-DD, got ${JSON.stringify(day)}`);
  return atMs / DAY_MS;
};

/** Sunday is 0. */
export const weekdayOf = (day: string): number => (((dayNumber(day) + FIRST_WEEKDAY) % 7) + 7) % 7;

/** The place of each day's mean: its weekday where every weekday came often enough, otherwise one for all. */
export const meansOfDays = (days: readonly string[]): { readonly meanCount: number; readonly places: Int8Array } => {
  const weekdays = Int8Array.from(days, weekdayOf);
  const counts = Array.from({ length: 7 }, (_, weekday) => weekdays.filter((one) => one === weekday).length);
  return Math.min(...counts) >= LEAST_OF_A_WEEKDAY
    ? { meanCount: 7, places: weekdays }
    : { meanCount: 1, places: new Int8Array(days.length) };
};
