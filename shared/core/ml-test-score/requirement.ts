import { DAY_MS } from '../../kernel/time.ts';
import type { Recorded } from './model-records.ts';
import type { Effort, Evidence } from './score-types.ts';

/** One thing that must be on record for points of an item. */
export interface Requirement {
  /** What is on record; absent where nothing is that counts. */
  readonly found?: Evidence | undefined;
  /** What is missing, or why what is there does not count. */
  readonly lacks: string;
  /** How it gets on record. */
  readonly action: string;
  readonly effort: Effort;
}

/** What an item asks for, and what was found of it. */
export interface ItemRequirements {
  /** All of it is half a point. */
  readonly half: readonly Requirement[];
  /** All of both is a whole point. */
  readonly whole: readonly Requirement[];
}

/** A daily record counts as one of a test that runs by itself while it is no older. */
export const DAILY_MS = 3 * DAY_MS;

/** The record, if it is no older than that and not of the future. */
export const fresh = <T>(
  record: Recorded<T> | undefined,
  nowMs: number,
  mostMs: number = DAILY_MS,
): Recorded<T> | undefined => (record !== undefined && nowMs - record.atMs <= mostMs ? record : undefined);

/** What is said of a record that is absent or too old. */
export const lacksDaily = (what: string, record: Recorded<unknown> | undefined, nowMs: number): string =>
  record === undefined
    ? `no ${what} is on record`
    : `the newest ${what} is ${count(Math.floor((nowMs - record.atMs) / DAY_MS), 'day')} old: ${record.where}`;

export const evidenceAt = (record: Recorded<unknown>, what: string): Evidence => ({
  what,
  where: record.where,
  atMs: record.atMs,
});

/** A number for people. */
export const show = (value: number): string => String(Number(value.toPrecision(4)));

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

const MOST_NAMES = 6;
export const nameSome = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
