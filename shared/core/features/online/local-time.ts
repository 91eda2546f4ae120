import { InvalidRequestError } from '../../../kernel/errors.ts';
import { showValue } from '../../../kernel/show-value.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kernel/time.ts';

export interface LocalTime {
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** ISO: Monday is 1, Sunday 7. */
  readonly weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws InvalidRequestError for a name that is no time zone. */
const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', ...fields, ...clock });
    formats.set(zone, format);
    return format;
  } catch (cause) {
    throw new InvalidRequestError(`a time zone must be an IANA name, got ${showValue(zone)}`, { cause });
  }
};

/** Zones change their offset on quarters of an hour: within one, it is looked up once. */
const STEP_MS = 15 * MINUTE_MS;
const MOST_OFFSETS = 10_000;
const offsets = new Map<string, number>();

const localMsOf = (format: Intl.DateTimeFormat, atMs: number): number => {
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const offsetMs = (atMs: number, zone: string): number => {
  const stepMs = Math.floor(atMs / STEP_MS) * STEP_MS;
  const key = `${stepMs} ${zone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = localMsOf(formatOf(zone), stepMs) - stepMs;
  if (offsets.size >= MOST_OFFSETS) offsets.clear();
  offsets.set(key, offset);
  return offset;
};

/** 1 January 1970 was a Thursday. */
const EPOCH_WEEKDAY = 4;

/**
 * The clock on the wall of a zone.
 * @throws InvalidRequestError for a name that is no time zone.
 */
export const localTime = (atMs: number, zone: string): LocalTime => {
  const localMs = atMs + offsetMs(atMs, zone);
  const ofDayMs = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
  const days = Math.floor(localMs / DAY_MS);
  return {
    hour: Math.floor(ofDayMs / HOUR_MS),
    minute: Math.floor((ofDayMs % HOUR_MS) / MINUTE_MS),
    weekday: ((((days + EPOCH_WEEKDAY - 1) % 7) + 7) % 7) + 1,
  };
};
