import { DAY_MS, utcDay } from '../../kernel/time.ts';
import { type MeanInterval, meanInterval } from '../statistics/mean-interval.ts';
import { measureQuality, type Quality, type Task } from './quality.ts';

/** Labelled rows of the holdout, in one order for all that score them. */
export interface EvaluationRows {
  readonly eventAtMs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

export interface DailyQuality extends Quality {
  /** UTC day of event time. */
  readonly day: string;
}

const rowsByDay = (eventAtMs: ArrayLike<number>): ReadonlyMap<number, readonly number[]> => {
  const days = new Map<number, number[]>();
  for (let i = 0; i < eventAtMs.length; i += 1) {
    const day = Math.floor((eventAtMs[i] ?? 0) / DAY_MS);
    const rows = days.get(day);
    if (rows) rows.push(i);
    else days.set(day, [i]);
  }
  return new Map([...days].sort(([a], [b]) => a - b));
};

const pick = (values: ArrayLike<number>, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row] ?? Number.NaN);

/** Quality by UTC day of event time, oldest first. */
export const dailyQuality = (
  task: Task,
  rows: EvaluationRows,
  predictions: ArrayLike<number>,
): readonly DailyQuality[] =>
  [...rowsByDay(rows.eventAtMs)].map(([day, indices]) => ({
    day: utcDay(day * DAY_MS),
    ...measureQuality(task, { labels: pick(rows.labels, indices), predictions: pick(predictions, indices) }),
  }));

export interface DailyComparison {
  /** Days on which the candidate's loss is lower. */
  readonly betterDayCount: number;
  readonly dayCount: number;
  /** Mean over days of candidate's loss − champion's loss: negative favours the candidate. */
  readonly meanDifference: number;
  /** Day-level 95 % interval of the mean difference; absent with fewer than two days. */
  readonly interval?: MeanInterval;
  readonly verdict: 'better' | 'worse' | 'not distinguishable';
}

const verdictOf = (interval: MeanInterval | undefined): DailyComparison['verdict'] => {
  if (interval && interval.upper < 0) return 'better';
  return interval && interval.lower > 0 ? 'worse' : 'not distinguishable';
};

/**
 * Compares two models by the loss of each day, every day counting the same: rows of one day share the weather, so the
 * sample is days, not rows. Both tables must come from the same rows.
 */
export const compareDaily = (
  candidate: readonly DailyQuality[],
  champion: readonly DailyQuality[],
): DailyComparison => {
  const differences = candidate.map(({ loss }, i) => loss - (champion[i]?.loss ?? Number.NaN));
  const interval = meanInterval(differences);
  return {
    betterDayCount: differences.filter((difference) => difference < 0).length,
    dayCount: differences.length,
    meanDifference: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
    ...(interval ? { interval } : {}),
    verdict: verdictOf(interval),
  };
};
