import { mergeProfiles, type TableBins, type TableProfile } from '../profiles/index.ts';
import type { KeyedProfile } from './capture-fold.ts';
import type { DayHead, DaySummary } from './encode-day.ts';
import { ALL_TRAFFIC } from './fold-plan.ts';
import { DAY_SKETCH_SIZE } from './merge-day.ts';

/** What one version answered, in all slices. */
export interface VersionProfile {
  readonly version: number;
  readonly profile: TableProfile;
}

/** By the days that several versions answered, which a day's own profile does not tell apart. */
export type SharedDays = ReadonlyMap<string, readonly VersionProfile[]>;

const versionsOf = ({ versions }: Pick<DayHead, 'versions'>): readonly number[] => Object.keys(versions).map(Number);

/** Which days several versions answered: their hours say which answered what. */
export const sharedDays = (days: readonly DayHead[]): readonly string[] =>
  days.filter((day) => versionsOf(day).length > 1).map(({ day }) => day);

const mergeByVersion = (
  bins: TableBins,
  parts: readonly VersionProfile[],
  sketch: { readonly sketchSize?: number } = {},
): readonly VersionProfile[] =>
  [...Map.groupBy(parts, ({ version }) => version)]
    .map(([version, group]) => {
      const profiles = group.map(({ profile }) => profile);
      return { version, profile: mergeProfiles(bins, profiles, sketch) };
    })
    .toSorted((a, b) => a.version - b.version);

/** A day's hours by version, oldest first; `hours` of the whole traffic. */
export const mergeHoursByVersion = (bins: TableBins, hours: readonly KeyedProfile[]): readonly VersionProfile[] =>
  mergeByVersion(bins, hours, { sketchSize: DAY_SKETCH_SIZE });

/**
 * What each version answered in a window, oldest first. None where one version answered all of it: that is the window.
 * None either where `shared` lacks one of the days that several versions answered.
 */
export const mergeVersions = (
  bins: TableBins,
  days: readonly DaySummary[],
  shared: SharedDays,
): readonly VersionProfile[] => {
  if (sharedDays(days).some((day) => !shared.has(day))) return [];
  const parts = days.flatMap((day): readonly VersionProfile[] => {
    const several = shared.get(day.day);
    if (several !== undefined) return several;
    const [version] = versionsOf(day);
    const profile = day.slices.get(ALL_TRAFFIC);
    return version === undefined || profile === undefined ? [] : [{ version, profile }];
  });
  const versions = new Set(parts.map(({ version }) => version));
  return versions.size < 2 ? [] : mergeByVersion(bins, parts);
};
