import { DAY_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import { AwsError } from '../contracts.ts';

/** Local time of one zone, by the runtime's IANA tables. */
export interface TimeZone {
  /** Minutes east of UTC at an instant. */
  readonly offsetMinutesAt: (atMs: number) => number;
  /**
   * The instant of a local time, given as if it were UTC. A time that does not exist (clocks go forward) gives
   * undefined; of a time that comes twice (clocks go back) the first is given.
   */
  readonly instantOf: (localMs: number) => number | undefined;
}

const UTC: TimeZone = { offsetMinutesAt: () => 0, instantOf: (localMs) => localMs };

const createTimeZone = (name: string): TimeZone => {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new AwsError('ValidationException', `time zone must be an IANA name, got ${name}`);
  }
  const offsetMinutesAt = (atMs: number): number => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const localMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return Math.round((localMs - Math.floor(atMs / 1000) * 1000) / MINUTE_MS);
  };
  const instantOf = (localMs: number): number | undefined => {
    const offsets = new Set([offsetMinutesAt(localMs - DAY_MS), offsetMinutesAt(localMs + DAY_MS)]);
    const candidates = [...offsets]
      .map((offset) => ({ atMs: localMs - offset * MINUTE_MS, offset }))
      .filter(({ atMs, offset }) => offsetMinutesAt(atMs) === offset)
      .map(({ atMs }) => atMs);
    return candidates.length === 0 ? undefined : Math.min(...candidates);
  };
  return { offsetMinutesAt, instantOf };
};

const zones = new Map<string, TimeZone>();

/** @throws AwsError ValidationException for an unknown zone */
export const timeZone = (name: string): TimeZone => {
  if (name === 'UTC' || name === 'Etc/UTC') return UTC;
  const known = zones.get(name) ?? createTimeZone(name);
  zones.set(name, known);
  return known;
};
