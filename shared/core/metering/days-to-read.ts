import { DAY_MS, HOUR_MS, utcDay } from '../../kernel/time.ts';

/** Firehose tries for a day to deliver what it buffered; the rest is for clocks. */
const LATE_MS = 3 * DAY_MS;
/** How far back the first look at a model goes, and the longest that an answer is corrected. */
const LONGEST_MS = 30 * DAY_MS;
/** An object may carry the time at which its writing began. */
const WRITING_MS = HOUR_MS;

const dayStart = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

/** Starts of the UTC days that hold [fromMs, toMs], earliest first. */
const daysBetween = (fromMs: number, toMs: number): readonly number[] => {
  const days: number[] = [];
  for (let dayMs = dayStart(fromMs); dayMs <= toMs; dayMs += DAY_MS) days.push(dayMs);
  return days;
};

/** The arrival days that may have new objects since the last look, of any time if there was none. */
export const daysToList = (listedAtMs: number | undefined, nowMs: number): readonly number[] =>
  daysBetween(listedAtMs === undefined ? nowMs - LONGEST_MS : Math.min(listedAtMs, nowMs) - LATE_MS, nowMs);

/** Whether an object may have been missing when was looked last. */
export const isNewSince = (listedAtMs: number | undefined, lastModifiedMs: number): boolean =>
  listedAtMs === undefined || lastModifiedMs >= listedAtMs - WRITING_MS;

/**
 * The arrival days in which anything of these days may lie: themselves and all later ones, and of the day before the
 * last hour, since an object lies where its first line belongs.
 * @param days `YYYY-MM-DD`, at least one, earliest first
 */
export const daysToFold = (
  days: readonly string[],
  nowMs: number,
): { readonly wholeDays: readonly number[]; readonly lastHourMs: number } => {
  const firstMs = Math.max(Date.parse(days[0] ?? utcDay(nowMs)), dayStart(nowMs - LONGEST_MS));
  return { wholeDays: daysBetween(firstMs, nowMs), lastHourMs: firstMs - HOUR_MS };
};
