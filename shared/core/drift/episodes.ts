import type { OpenEpisode } from './drift-check.ts';

/** An episode is quiet below this share of the limit. */
export const QUIET_BELOW = 0.8;

/** @returns the episode after one more judged day; undefined when there is none, or when it ended with this day. */
export const nextEpisode = (
  episode: OpenEpisode | undefined,
  { day, evidence, endsAfterDays }: { readonly day: string; readonly evidence: number; readonly endsAfterDays: number },
): OpenEpisode | undefined => {
  if (episode === undefined) return evidence >= 1 ? { since: day, peak: evidence, quietDays: 0 } : undefined;
  const quietDays = evidence < QUIET_BELOW ? episode.quietDays + 1 : 0;
  if (quietDays >= endsAfterDays) return undefined;
  return { since: episode.since, peak: Math.max(episode.peak, evidence), quietDays };
};

/** How many episodes a course of statistics would open at a limit. */
export const countEpisodes = (statistics: ArrayLike<number>, limit: number, endsAfterDays: number): number => {
  let [count, quietDays, open] = [0, 0, false];
  for (let day = 0; day < statistics.length; day += 1) {
    const statistic = statistics[day] as number;
    if (open) {
      quietDays = statistic < QUIET_BELOW * limit ? quietDays + 1 : 0;
      open = quietDays < endsAfterDays;
    } else if (statistic >= limit) {
      [count, quietDays, open] = [count + 1, 0, true];
    }
  }
  return count;
};
