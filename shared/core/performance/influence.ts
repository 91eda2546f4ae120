import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import type { Measured } from './performance-report.ts';

/** A metric of a sample, and how each row moves it: the first-order change of the value by the row, summing to 0. */
export interface Influenced {
  readonly value: number;
  readonly influence: Float64Array;
}

/** From so many days on a day is what was drawn, below it is a row. */
export const FEWEST_DAYS = 8;
/** Half of what an interval of 95 % leaves out on each side. */
const UPPER = 0.975;
/** The same quantile of the normal distribution. */
export const NORMAL_95 = 1.959963984540054;

export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

const bounded = (value: number, { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Bounds) =>
  Math.min(most, Math.max(least, value));

/** Variance of the metric when whole days were drawn: the influence of a day's rows adds up before it is squared. */
const varianceByDays = (influence: Float64Array, days: ArrayLike<number>, dayCount: number): number => {
  const sums = new Map<number, number>();
  for (let i = 0; i < influence.length; i += 1) {
    const day = days[i] as number;
    sums.set(day, (sums.get(day) ?? 0) + (influence[i] as number));
  }
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  return (squares * dayCount) / (dayCount - 1);
};

const varianceByRows = (influence: Float64Array): number => {
  let squares = 0;
  for (const one of influence) squares += one * one;
  return influence.length > 1 ? (squares * influence.length) / (influence.length - 1) : Number.NaN;
};

/**
 * A metric with its interval of 95 %: value ± t · √Σ(influence of a day)², with one degree of freedom less than days,
 * from 8 days on; below, as if rows were independent, with the normal quantile. The linearised (sandwich) variance of
 * clusters: Binder 1983; for the area under the ROC curve Obuchowski 1997.
 * @param days of each row, any numbers that tell days apart.
 */
export const measured = (
  { value, influence }: Influenced,
  { days, dayCount }: { readonly days: ArrayLike<number>; readonly dayCount: number },
  bounds: Bounds = {},
): Measured => {
  const byDays = dayCount >= FEWEST_DAYS;
  const variance = byDays ? varianceByDays(influence, days, dayCount) : varianceByRows(influence);
  if (!Number.isFinite(variance)) return { value };
  const half = (byDays ? studentTQuantile(UPPER, dayCount - 1) : NORMAL_95) * Math.sqrt(variance);
  return { value, lower: bounded(value - half, bounds), upper: bounded(value + half, bounds) };
};
