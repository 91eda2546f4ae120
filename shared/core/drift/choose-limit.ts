import { countEpisodes } from './episodes.ts';
import { TAIL_STEPS_PER_UNIT } from './virtual-years.ts';

/** No limit is lower: what so few years show of rarer things is not enough. */
const LEAST_LIMIT = 4;
const MOST_LIMIT = 40;
const BISECTIONS = 20;

export const episodesPerYear = (courses: readonly Float64Array[], limit: number, endsAfterDays: number): number =>
  courses.reduce((sum, course) => sum + countEpisodes(course, limit, endsAfterDays), 0) / Math.max(1, courses.length);

/** The least limit at which the years have at most so many episodes each, on average. */
export const chooseLimit = (
  courses: readonly Float64Array[],
  { perYear, endsAfterDays }: { readonly perYear: number; readonly endsAfterDays: number },
): number => {
  if (episodesPerYear(courses, LEAST_LIMIT, endsAfterDays) <= perYear) return LEAST_LIMIT;
  let [low, high] = [LEAST_LIMIT, MOST_LIMIT];
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (episodesPerYear(courses, middle, endsAfterDays) <= perYear) high = middle;
    else low = middle;
  }
  return high;
};

/** The tables of tails stop where fewer statistics than this lie beyond. */
const LEAST_BEYOND = 20;

/** The statistic exceeded with probability 10^(−i/2), i = 0, 1, …, as far as the counts tell. */
export const tailTable = (counts: Float64Array): readonly number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const table: number[] = [0];
  let beyond = total;
  for (let step = 0; step < counts.length && beyond >= LEAST_BEYOND; step += 1) {
    beyond -= counts[step] as number;
    while (beyond <= total * 10 ** (-table.length / 2) && total * 10 ** (-table.length / 2) >= LEAST_BEYOND)
      table.push((step + 1) / TAIL_STEPS_PER_UNIT);
  }
  return table;
};

/** Probability of a statistic at least as large; beyond the table as its last two entries go on, which overstates it. */
export const tailProbability = (table: readonly number[], statistic: number): number => {
  const above = table.findIndex((entry) => entry > statistic);
  const right = above === -1 ? table.length - 1 : above;
  const [a, b] = [table[right - 1] ?? 0, table[right] ?? 1];
  const at = right - 1 + (statistic - a) / Math.max(1e-9, b - a);
  return Math.min(1, 10 ** (-Math.max(0, at) / 2));
};
