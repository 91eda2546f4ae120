import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import { AwsError } from '../contracts.ts';
import { type CronExpression, parseCronExpression } from './cron-expression.ts';
import { type TimeZone, timeZone } from './time-zone.ts';

/** `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)`, `at(2026-01-31T08:00:00)`: when a schedule fires. */
export interface Schedule {
  readonly kind: 'rate' | 'cron' | 'at';
  /** The first instant after `afterMs` at which it fires; undefined when there is none. */
  readonly nextAfter: (afterMs: number) => number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

const invalid = (expression: string): AwsError =>
  new AwsError(
    'ValidationException',
    `Invalid Schedule Expression ${expression}: rate(...), cron(...) and at(...) are allowed`,
  );

const rateMs = (text: string, expression: string): number => {
  const match = /^(\d+) (minute|hour|day)(s?)$/.exec(text.trim());
  const count = Number(match?.[1]);
  // AWS insists on `rate(1 minute)` and `rate(2 minutes)`.
  if (match === null || count < 1 || (count === 1) !== (match[3] === '')) throw invalid(expression);
  return count * (UNITS[match[2] ?? ''] ?? MINUTE_MS);
};

/** Fires at `firstMs` and every period after it. */
const rateSchedule = (periodMs: number, firstMs: number): Schedule => ({
  kind: 'rate',
  nextAfter: (afterMs) =>
    afterMs < firstMs ? firstMs : firstMs + (Math.floor((afterMs - firstMs) / periodMs) + 1) * periodMs,
});

const firstOnDay = (cron: CronExpression, dayMs: number, zone: TimeZone, afterMs: number): number | undefined => {
  for (const minute of cron.minutesOfDay) {
    const atMs = zone.instantOf(dayMs + minute * MINUTE_MS);
    if (atMs !== undefined && atMs > afterMs) return atMs;
  }
  return undefined;
};

interface MonthSearch {
  readonly cron: CronExpression;
  readonly zone: TimeZone;
  readonly year: number;
  readonly month: number;
  /** Local midnight before which no day can match. */
  readonly fromDayMs: number;
  readonly afterMs: number;
}

const firstInMonth = ({ cron, zone, year, month, fromDayMs, afterMs }: MonthSearch): number | undefined => {
  const nextMonthMs = Date.UTC(year, month, 1);
  const startMs = Math.max(Date.UTC(year, month - 1, 1), fromDayMs);
  for (let dayMs = startMs; dayMs < nextMonthMs; dayMs += DAY_MS) {
    if (!cron.matchesDay(year, month, new Date(dayMs).getUTCDate())) continue;
    const atMs = firstOnDay(cron, dayMs, zone, afterMs);
    if (atMs !== undefined) return atMs;
  }
  return undefined;
};

const cronSchedule = (cron: CronExpression, zone: TimeZone): Schedule => ({
  kind: 'cron',
  nextAfter: (afterMs) => {
    const localMs = afterMs + zone.offsetMinutesAt(afterMs) * MINUTE_MS;
    // The day before too: after clocks went back, a local day starts earlier than its offset now suggests.
    const fromDayMs = Math.floor(localMs / DAY_MS) * DAY_MS - DAY_MS;
    const firstYear = new Date(fromDayMs).getUTCFullYear();
    for (const year of cron.years.filter((one) => one >= firstYear)) {
      for (let month = 1; month <= 12; month += 1) {
        if (!cron.months.has(month) || Date.UTC(year, month, 1) <= fromDayMs) continue;
        const atMs = firstInMonth({ cron, zone, year, month, fromDayMs, afterMs });
        if (atMs !== undefined) return atMs;
      }
    }
    return undefined;
  },
});

const atSchedule = (text: string, zone: TimeZone, expression: string): Schedule => {
  const localMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(localMs)) throw invalid(expression);
  // A one-time schedule in the hour that clocks skip fires when they have gone forward.
  const atMs = zone.instantOf(localMs) ?? localMs - zone.offsetMinutesAt(localMs - DAY_MS) * MINUTE_MS;
  return { kind: 'at', nextAfter: (afterMs) => (afterMs < atMs ? atMs : undefined) };
};

const split = (expression: string): { readonly kind: string; readonly body: string } => {
  const match = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim());
  if (match === null) throw invalid(expression);
  return { kind: match[1] ?? '', body: match[2] ?? '' };
};

export interface ScheduleSettings {
  readonly expression: string;
  readonly timeZoneName: string;
  /** When a rate fires first. */
  readonly rateStartMs: number;
}

/** A schedule of EventBridge Scheduler. @throws AwsError ValidationException */
export const parseSchedule = ({ expression, timeZoneName, rateStartMs }: ScheduleSettings): Schedule => {
  const { kind, body } = split(expression);
  const zone = timeZone(timeZoneName);
  if (kind === 'rate') return rateSchedule(rateMs(body, expression), rateStartMs);
  if (kind === 'cron') return cronSchedule(parseCronExpression(body), zone);
  return atSchedule(body, zone, expression);
};

/**
 * A schedule of an EventBridge rule: UTC, no `at`, and a rate fires first one period after the rule's creation.
 * @throws AwsError ValidationException
 */
export const parseEventRuleSchedule = (expression: string, createdAtMs = 0): Schedule => {
  const { kind, body } = split(expression);
  if (kind === 'at') throw invalid(expression);
  if (kind === 'cron') return cronSchedule(parseCronExpression(body), timeZone('UTC'));
  const periodMs = rateMs(body, expression);
  return rateSchedule(periodMs, createdAtMs + periodMs);
};
