import { DAY_MS, utcDay } from '../../kernel/time.ts';
import type { Task } from '../evaluation/index.ts';

/** One day's loss with its 95 % interval, rows of the day taken as independent. */
export interface DayLoss {
  readonly day: string;
  readonly rowCount: number;
  readonly loss: number;
  readonly lower: number;
  readonly upper: number;
}

const Z95 = 1.959964;
const LEAST = 1e-12;

const lossOf = (task: Task, label: number, prediction: number): number => {
  if (task === 'regression') return (prediction - label) ** 2;
  const ofLabel = label === 1 ? prediction : 1 - prediction;
  return -Math.log(Math.min(1, Math.max(LEAST, ofLabel)));
};

interface Sums {
  count: number;
  sum: number;
  squares: number;
}

/** Log loss, or the root of the mean squared error, by UTC day of event time, oldest first. */
export const dayLosses = (
  task: Task,
  rows: { readonly eventAtMs: ArrayLike<number>; readonly labels: ArrayLike<number> },
  predictions: ArrayLike<number>,
): readonly DayLoss[] => {
  const days = new Map<number, Sums>();
  for (let row = 0; row < rows.labels.length; row++) {
    const day = Math.floor((rows.eventAtMs[row] as number) / DAY_MS);
    const loss = lossOf(task, rows.labels[row] as number, predictions[row] as number);
    const sums = days.get(day) ?? { count: 0, sum: 0, squares: 0 };
    days.set(day, { count: sums.count + 1, sum: sums.sum + loss, squares: sums.squares + loss * loss });
  }
  const scale = task === 'regression' ? Math.sqrt : (value: number): number => value;
  return [...days]
    .toSorted(([a], [b]) => a - b)
    .map(([day, { count, sum, squares }]) => {
      const mean = sum / count;
      const variance = count < 2 ? 0 : Math.max(0, (squares - count * mean * mean) / (count - 1));
      const half = Z95 * Math.sqrt(variance / count);
      return {
        day: utcDay(day * DAY_MS),
        rowCount: count,
        loss: scale(mean),
        lower: scale(Math.max(0, mean - half)),
        upper: scale(mean + half),
      };
    });
};
