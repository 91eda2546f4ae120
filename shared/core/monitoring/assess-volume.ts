import { DAY_MS, utcDay } from '../../kernel/time.ts';

export interface DayCount {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly rowCount: number;
}

/** Whether as many predictions came on a day as were to be expected. */
export interface Volume {
  /** `unknown`: too few earlier days to say. */
  readonly status: 'as expected' | 'too few' | 'too many' | 'unknown';
  readonly reason: string;
  readonly day: string;
  readonly rowCount: number;
  readonly expected?: number;
  readonly basis?: 'earlier weeks' | 'reference weekdays';
  /** |ln(rows ÷ expected)| in its usual deviations. */
  readonly deviations?: number;
  /** Oldest first. */
  readonly days: readonly DayCount[];
}

/** The same weekdays that must be known before they are what is expected. */
const LEAST_WEEKS = 3;
/** Of the days before, for the level that the reference's week is brought to. */
const LEVEL_DAYS = 7;
/** Days whose usual deviation is worth anything. */
const LEAST_RESIDUALS = 10;
/** A deviation that is told: by chance of a normal one once in 40 years. */
const MOST_DEVIATIONS = 4;
/** Beyond chance, what is smaller does not matter. */
const LEAST_CHANGE = 0.05;
/** Median absolute deviation → standard deviation of normal values. */
const MAD_SCALE = 1.4826;
/** Usual deviation where too few days tell it. */
const DEFAULT_DEVIATION = 0.1;

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle) - 1] as number)) / 2;
};

const weekdayOf = (day: string): number => new Date(Date.parse(day)).getUTCDay();

interface Expectation {
  readonly expected: number;
  readonly basis: NonNullable<Volume['basis']>;
  /** Days that it rests on. */
  readonly dayCount: number;
}

const byEarlierWeeks = (before: readonly DayCount[], day: string): Expectation | undefined => {
  const same = before.filter((one) => weekdayOf(one.day) === weekdayOf(day)).map(({ rowCount }) => rowCount);
  if (same.length < LEAST_WEEKS) return undefined;
  return { expected: medianOf(same), basis: 'earlier weeks', dayCount: same.length };
};

/** The level of the last days, in the shape of the reference's week. */
const byReference = (
  before: readonly DayCount[],
  day: string,
  reference: readonly DayCount[],
): Expectation | undefined => {
  const usual = (weekday: number): number | undefined => {
    const counts = reference.filter((one) => weekdayOf(one.day) === weekday).map(({ rowCount }) => rowCount);
    return counts.length === 0 ? undefined : medianOf(counts);
  };
  const levels = before.slice(-LEVEL_DAYS).flatMap((one) => {
    const of = usual(weekdayOf(one.day));
    return of === undefined ? [] : [one.rowCount / of];
  });
  const today = usual(weekdayOf(day));
  if (today === undefined || levels.length < LEAST_WEEKS) return undefined;
  return { expected: today * medianOf(levels), basis: 'reference weekdays', dayCount: levels.length };
};

/** How far days usually are from the median of their weekday, as logarithms of the ratio. */
const usualDeviation = (before: readonly DayCount[]): number => {
  const residuals = before.flatMap(({ day, rowCount }) => {
    const others = before.filter((one) => one.day !== day && weekdayOf(one.day) === weekdayOf(day));
    if (others.length === 0 || rowCount === 0) return [];
    return [Math.abs(Math.log(rowCount / medianOf(others.map((one) => one.rowCount))))];
  });
  return residuals.length < LEAST_RESIDUALS ? DEFAULT_DEVIATION : MAD_SCALE * medianOf(residuals);
};

/**
 * Holds a day's predictions against the same weekday of earlier weeks, or, where fewer than three are known, against the
 * level of the last seven days in the shape of the reference's week. Told is what is 4 usual deviations away (the days'
 * own, by their median, and that of counting) and 5 % or more.
 * @param expectAfter the last day (`YYYY-MM-DD`) that says nothing of what is usual, nor does one before it; absent, none.
 * @param history other days, in any order, the day itself left out; zero rows count as a day without traffic.
 * @param reference the days that the version learnt from; only the shape of their week counts, as rows may be drawn.
 */
export const assessVolume = ({
  day,
  rowCount,
  history,
  reference,
  expectAfter = '',
}: DayCount & {
  readonly history: readonly DayCount[];
  readonly reference: readonly DayCount[];
  readonly expectAfter?: string | undefined;
}): Volume => {
  const days = [...history, { day, rowCount }].toSorted((a, b) => (a.day < b.day ? -1 : 1));
  // Days before the first traffic are not days without traffic.
  const before = days.filter((one) => one.day > expectAfter && one.day < day && one.rowCount > 0);
  const found = byEarlierWeeks(before, day) ?? byReference(before, day, reference);
  if (found === undefined || found.expected <= 0) {
    const reason = `${rowCount} predictions; too few earlier days to say how many are usual`;
    return { status: 'unknown', reason, day, rowCount, days };
  }
  const { expected, basis, dayCount } = found;
  // Half a row keeps a day without traffic finite.
  const change = Math.log((rowCount + 0.5) / (expected + 0.5));
  const variance = usualDeviation(before) ** 2 * (1 + 1 / dayCount) + 1 / (expected + 0.5);
  const deviations = Math.abs(change) / Math.sqrt(variance);
  const isTold = deviations >= MOST_DEVIATIONS && Math.abs(rowCount - expected) >= LEAST_CHANGE * expected;
  const status = !isTold ? 'as expected' : change < 0 ? 'too few' : 'too many';
  const source =
    basis === 'earlier weeks' ? 'the same weekday of earlier weeks' : "the last days and the reference's week";
  const reason = `${rowCount} predictions, by ${source} ${Math.round(expected)} were to be expected: ${deviations.toFixed(1)} usual deviations`;
  return { status, reason, day, rowCount, expected, basis, deviations, days };
};

/** Eight weeks. */
const KEPT_DAYS = 56;

/** Earlier counts with those of the window, which are newer; of eight weeks up to the last day. */
export const recountDays = (earlier: readonly DayCount[], window: readonly DayCount[]): readonly DayCount[] => {
  const counts = new Map([...earlier, ...window].map(({ day, rowCount }) => [day, rowCount]));
  const last = [...counts.keys()].sort().at(-1);
  if (last === undefined) return [];
  const from = utcDay(Date.parse(last) - (KEPT_DAYS - 1) * DAY_MS);
  return [...counts]
    .filter(([day]) => day >= from)
    .map(([day, rowCount]) => ({ day, rowCount }))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
};
