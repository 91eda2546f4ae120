import { AwsError } from '../contracts.ts';

/**
 * AWS's six cron fields: minute, hour, day of month, month, day of week, year. Exactly one of the two day fields is
 * `?`. A calendar date is matched by `matchesDay`; the times of a matching day are `minutesOfDay`.
 */
export interface CronExpression {
  readonly years: readonly number[];
  readonly months: ReadonlySet<number>;
  /** Minutes since midnight, ascending. */
  readonly minutesOfDay: readonly number[];
  /** Month from 1. */
  readonly matchesDay: (year: number, month: number, day: number) => boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface FieldRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const FIELDS = {
  minute: { name: 'minutes', min: 0, max: 59 },
  hour: { name: 'hours', min: 0, max: 23 },
  dayOfMonth: { name: 'day of month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day of week', min: 1, max: 7, names: WEEKDAYS },
  year: { name: 'year', min: 1970, max: 2199 },
} as const satisfies Readonly<Record<string, FieldRange>>;

const invalid = (field: FieldRange, text: string): AwsError =>
  new AwsError('ValidationException', `Invalid Schedule Expression: ${field.name} field is not valid: ${text}`);

const parseValue = (text: string, field: FieldRange): number => {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.min : Number(text);
  if (!/^\w+$/.test(text) || !Number.isInteger(value) || value < field.min || value > field.max)
    throw invalid(field, text);
  return value;
};

const parsePart = (part: string, field: FieldRange): readonly number[] => {
  const [range = '', stepText, ...rest] = part.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  if (rest.length > 0 || !Number.isInteger(step) || step < 1) throw invalid(field, part);
  const [from = '', to, ...more] = range.split('-');
  if (more.length > 0) throw invalid(field, part);
  const first = range === '*' ? field.min : parseValue(from, field);
  const openEnd = range === '*' || stepText !== undefined ? field.max : first;
  const last = to === undefined ? openEnd : parseValue(to, field);
  if (first > last) throw invalid(field, part);
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
};

const parseList = (text: string, field: FieldRange): ReadonlySet<number> =>
  new Set(text.split(',').flatMap((part) => parsePart(part, field)));

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 is Sunday, as in the expressions. */
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

type DayTest = CronExpression['matchesDay'];

/** The weekday nearest to `target` within the month. */
const nearestWeekday = (year: number, month: number, target: number): number => {
  const last = daysInMonth(year, month);
  const day = Math.min(target, last);
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < last ? day + 1 : day - 2;
  return day;
};

const parseDayOfMonth = (text: string): DayTest => {
  const field = FIELDS.dayOfMonth;
  const upper = text.toUpperCase();
  if (upper === 'L') return (year, month, day) => day === daysInMonth(year, month);
  if (upper === 'LW') return (year, month, day) => day === nearestWeekday(year, month, daysInMonth(year, month));
  const before = /^L-(\d{1,2})$/.exec(upper)?.[1];
  if (before !== undefined) return (year, month, day) => day === daysInMonth(year, month) - Number(before);
  const nearest = /^(\d{1,2})W$/.exec(upper)?.[1];
  if (nearest !== undefined) {
    const target = parseValue(nearest, field);
    return (year, month, day) => target <= daysInMonth(year, month) && day === nearestWeekday(year, month, target);
  }
  const days = parseList(text, field);
  return (_year, _month, day) => days.has(day);
};

const parseDayOfWeek = (text: string): DayTest => {
  const field = FIELDS.dayOfWeek;
  if (text.toUpperCase() === 'L') return (year, month, day) => weekdayOf(year, month, day) === 7;
  const last = /^(\w+)L$/i.exec(text)?.[1];
  if (last !== undefined && text.toUpperCase() !== 'L') {
    const weekday = parseValue(last, field);
    return (year, month, day) => weekdayOf(year, month, day) === weekday && day + 7 > daysInMonth(year, month);
  }
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth !== null) {
    const weekday = parseValue(nth[1] ?? '', field);
    return (year, month, day) => weekdayOf(year, month, day) === weekday && Math.ceil(day / 7) === Number(nth[2]);
  }
  const weekdays = parseList(text, field);
  return (year, month, day) => weekdays.has(weekdayOf(year, month, day));
};

/** @param text the six fields, without `cron(` and `)` @throws AwsError ValidationException */
export const parseCronExpression = (text: string): CronExpression => {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...rest] = text.trim().split(/\s+/);
  const complete = minute && hour && dayOfMonth && month && dayOfWeek && year;
  if (!complete || rest.length > 0) {
    throw new AwsError('ValidationException', `Invalid Schedule Expression: cron must have six fields, got ${text}`);
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new AwsError(
      'ValidationException',
      `Invalid Schedule Expression: exactly one of day of month and day of week must be ?, got ${text}`,
    );
  }
  const hours = [...parseList(hour, FIELDS.hour)].sort((a, b) => a - b);
  const minutes = [...parseList(minute, FIELDS.minute)].sort((a, b) => a - b);
  return {
    years: [...parseList(year, FIELDS.year)].sort((a, b) => a - b),
    months: parseList(month, FIELDS.month),
    minutesOfDay: hours.flatMap((one) => minutes.map((other) => one * 60 + other)),
    matchesDay: dayOfMonth === '?' ? parseDayOfWeek(dayOfWeek) : parseDayOfMonth(dayOfMonth),
  };
};
