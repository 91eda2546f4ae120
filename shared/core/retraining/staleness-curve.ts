import { DAY_MS } from '../../kernel/time.ts';
import type { AgedModel, DayLoss } from './day-losses.ts';
import { gainInterval } from './gain-interval.ts';

/** How much more a model of an age loses than the freshest model does on the same days. */
export interface StalenessPoint {
  /** Days since the model's newest knowledge: from, inclusive, to, exclusive. */
  readonly fromDays: number;
  readonly toDays: number;
  readonly dayCount: number;
  readonly addedLoss: number;
  /** Absent on fewer than two days. */
  readonly lower?: number;
  readonly upper?: number;
}

const WEEK_DAYS = 7;

/** A day's loss of each model that was trained before it, freshest first. */
const byDay = (
  models: readonly AgedModel[],
): ReadonlyMap<number, readonly (DayLoss & { readonly ageDays: number })[]> => {
  const days = Map.groupBy(
    models.flatMap(({ throughMs, days: own }) =>
      own.map((one) => ({ ...one, ageDays: (one.dayMs - throughMs) / DAY_MS })),
    ),
    ({ dayMs }) => dayMs,
  );
  return new Map([...days].map(([dayMs, own]) => [dayMs, own.toSorted((one, other) => one.ageDays - other.ageDays)]));
};

/**
 * Added loss by weeks of age, from models that learnt alike up to different times and were scored on the same rows. The
 * freshest model of each day is what the others are held against, so that hard days do not look like age; days on which
 * it is itself older than a week tell nothing. Intervals are of the mean over days, correlated as `gainInterval` says.
 */
export const stalenessCurve = (models: readonly AgedModel[]): readonly StalenessPoint[] => {
  const addedByWeek = new Map<number, number[]>();
  for (const scored of byDay(models).values()) {
    const [freshest] = scored;
    if (freshest === undefined || freshest.ageDays >= WEEK_DAYS) continue;
    const weeks = Map.groupBy(scored, ({ ageDays }) => Math.floor(ageDays / WEEK_DAYS));
    for (const [week, own] of weeks) {
      const added = own.reduce((sum, { loss }) => sum + loss - freshest.loss, 0) / own.length;
      addedByWeek.set(week, [...(addedByWeek.get(week) ?? []), added]);
    }
  }
  return [...addedByWeek]
    .toSorted(([one], [other]) => one - other)
    .map(([week, added]) => {
      const interval = gainInterval(added, { horizonDays: Number.POSITIVE_INFINITY });
      return {
        fromDays: week * WEEK_DAYS,
        toDays: (week + 1) * WEEK_DAYS,
        dayCount: added.length,
        addedLoss: added.reduce((sum, value) => sum + value, 0) / added.length,
        ...(interval === undefined ? {} : { lower: interval.lower, upper: interval.upper }),
      };
    });
};

/**
 * The age at which retraining pays: the first at which a day's added loss costs more than a day has cost on average since
 * the training, the training included (the rule of age replacement: Barlow and Hunter 1960). Undefined where it never
 * does within the curve. A hole in the curve is as the age before it, and what looks better than fresh is fresh.
 */
export const paysFromDays = (
  points: readonly StalenessPoint[],
  { usdPerDayAndLoss, costUsd }: { readonly usdPerDayAndLoss: number; readonly costUsd: number },
): number | undefined => {
  const last = points.at(-1);
  if (last === undefined) return undefined;
  let [spent, rate] = [costUsd, 0];
  for (let age = 0; age < last.toDays; age += 1) {
    const point = points.find(({ fromDays, toDays }) => fromDays <= age && age < toDays);
    if (point !== undefined) rate = Math.max(0, point.addedLoss) * usdPerDayAndLoss;
    if (age > 0 && rate * age > spent) return age;
    spent += rate;
  }
  return undefined;
};
