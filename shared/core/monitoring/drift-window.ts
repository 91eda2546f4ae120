import { DAY_MS, utcDay } from '../../kernel/time.ts';
import { mergeProfiles, type TableBins, type TableProfile } from '../profiles/index.ts';
import type { DayHead, DaySummary } from './encode-day.ts';
import { ALL_TRAFFIC } from './fold-plan.ts';
import { mergeVersions, type SharedDays, type VersionProfile } from './version-profiles.ts';

/** What came in the whole UTC days of a window, merged. */
export interface DriftWindow {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Days with rows, oldest first. */
  readonly days: readonly DaySummary[];
  /** The whole traffic. */
  readonly whole: TableProfile;
  /** The whole traffic of the newest whole weeks of the window; without rows in a window shorter than a week. */
  readonly weeks: TableProfile;
  /** By declared slice. */
  readonly slices: ReadonlyMap<string, TableProfile>;
  readonly versions: Readonly<Record<string, number>>;
  /** The whole traffic by the version that answered, oldest first; empty where one did. */
  readonly byVersion: readonly VersionProfile[];
  readonly duplicateCount: number;
}

const WEEK_DAYS = 7;

/** Predictions by version, and all of them. */
export const countVersions = (
  days: readonly DayHead[],
): { readonly versions: Readonly<Record<string, number>>; readonly rowCount: number } => {
  const versions: Record<string, number> = {};
  for (const day of days)
    for (const [version, count] of Object.entries(day.versions)) versions[version] = (versions[version] ?? 0) + count;
  return { versions, rowCount: Object.values(versions).reduce((sum, count) => sum + count, 0) };
};

/**
 * Merges the days of a window; days outside are left out. The order of the days does not matter.
 * @param shared of the days that several versions answered, what each of them did.
 */
export const mergeWindow = ({
  bins,
  fromMs,
  toMs,
  days: given,
  shared = new Map(),
}: Pick<DriftWindow, 'fromMs' | 'toMs' | 'days'> & {
  readonly bins: TableBins;
  readonly shared?: SharedDays;
}): DriftWindow => {
  const days = given
    .filter(({ day }) => day >= utcDay(fromMs) && day < utcDay(toMs))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const weekCount = Math.floor((toMs - fromMs) / (WEEK_DAYS * DAY_MS));
  const weeksFrom = utcDay(toMs - weekCount * WEEK_DAYS * DAY_MS);
  const merged = (of: readonly DaySummary[], slice: string): TableProfile =>
    mergeProfiles(
      bins,
      of.flatMap(({ slices }) => slices.get(slice) ?? []),
    );
  const names = new Set(days.flatMap(({ slices }) => [...slices.keys()]));
  names.delete(ALL_TRAFFIC);
  return {
    fromMs,
    toMs,
    days,
    whole: merged(days, ALL_TRAFFIC),
    weeks: merged(
      days.filter(({ day }) => day >= weeksFrom),
      ALL_TRAFFIC,
    ),
    slices: new Map([...names].sort().map((name) => [name, merged(days, name)])),
    versions: countVersions(days).versions,
    byVersion: mergeVersions(bins, days, shared),
    duplicateCount: days.reduce((sum, { duplicateCount }) => sum + duplicateCount, 0),
  };
};

/** A table without rows. */
export const emptyTable = (bins: TableBins): TableProfile => mergeProfiles(bins, []);
