import {
  type BackTest,
  backTestOf,
  planBackTest,
  type RetrainingDecision,
} from '../../../shared/core/retraining/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { type Ladder, STEP_MS, within } from './model-ladder.ts';

/** The estimate of one instant beside what retraining then brought. */

/** The next days, on which the gain is measured: the horizon of the estimate. */
export const HORIZON_DAYS = 28;

export interface Weighed {
  readonly atMs: number;
  readonly championThroughMs: number;
  readonly backTest: BackTest;
  /** By the newest seven days alone. */
  readonly sevenDays: BackTest;
  /** Mean over the next days of the champion's loss less the loss of the model that was trained at that instant. */
  readonly measured: number;
  /** Of that mean, by days. */
  readonly standardError: number;
  readonly signIsRight: boolean;
  readonly sevenDaysSignIsRight: boolean;
  readonly isCovered: boolean;
}

const gainsBetween = (ladder: Ladder, championThroughMs: number, atMs: number): readonly number[] => {
  const span = [atMs, atMs + HORIZON_DAYS * DAY_MS] as const;
  const retrained = new Map(within(ladder.at(atMs), ...span).days.map(({ dayMs, loss }) => [dayMs, loss]));
  return within(ladder.at(championThroughMs), ...span).days.map(
    ({ dayMs, loss }) => loss - (retrained.get(dayMs) ?? Number.NaN),
  );
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Undefined where the champion is too young to be weighed. */
export const weighAt = (ladder: Ladder, atMs: number, championThroughMs: number): Weighed | undefined => {
  const plan = planBackTest({ holdoutFromMs: atMs - STEP_MS, holdoutToMs: atMs, championThroughMs });
  if ('refused' in plan) return undefined;
  const testOf = (originsMs: readonly number[]): BackTest => {
    const fromMs = Math.min(...originsMs);
    const found = backTestOf(
      {
        // What the models learnt from stands in the report once, not in every estimate.
        rowCount: 0,
        rounds: 0,
        incumbent: within(ladder.at(championThroughMs), fromMs, atMs),
        candidates: originsMs.map((originMs) => within(ladder.at(originMs), originMs, atMs)),
      },
      { horizonDays: HORIZON_DAYS, isProxy: false },
    );
    if (found === undefined) throw new TypeError('seven days give an estimate');
    return found;
  };
  const backTest = testOf(plan.originsMs);
  const sevenDays = testOf(plan.originsMs.slice(0, 1));
  const gains = gainsBetween(ladder, championThroughMs, atMs);
  const measured = meanOf(gains);
  const { gain } = backTest;
  return {
    atMs,
    championThroughMs,
    backTest,
    sevenDays,
    measured,
    standardError: Math.sqrt(meanOf(gains.map((one) => (one - measured) ** 2)) / (gains.length - 1)),
    signIsRight: gain.mean > 0 === measured > 0,
    sevenDaysSignIsRight: sevenDays.gain.mean > 0 === measured > 0,
    isCovered: gain.lower <= measured && measured <= gain.upper,
  };
};

export interface Course {
  readonly name: string;
  readonly trainingCount: number;
  /** Of all days from the first decision until the horizon of the last. */
  readonly meanLoss: number;
  readonly usd: number;
}

/** What a rule makes of the eight instants, one after the other: whoever it trains is the next champion. */
export const followCourse = (
  ladder: Ladder,
  {
    name,
    dates,
    decide,
    usdPerLossDay,
    costUsd,
  }: {
    readonly name: string;
    readonly dates: readonly number[];
    readonly decide: (weighed: Weighed | undefined) => RetrainingDecision;
    /** Dollars of one unit of loss on all predictions of a day. */
    readonly usdPerLossDay: number;
    readonly costUsd: number;
  },
  firstThroughMs: number,
): Course => {
  let championThroughMs = firstThroughMs;
  let trainingCount = 0;
  const losses: number[] = [];
  for (const [i, atMs] of dates.entries()) {
    if (decide(weighAt(ladder, atMs, championThroughMs)) === 'retrain') {
      championThroughMs = atMs;
      trainingCount += 1;
    }
    const untilMs = dates[i + 1] ?? atMs + HORIZON_DAYS * DAY_MS;
    losses.push(...within(ladder.at(championThroughMs), atMs, untilMs).days.map(({ loss }) => loss));
  }
  const meanLoss = meanOf(losses);
  return { name, trainingCount, meanLoss, usd: trainingCount * costUsd + meanLoss * losses.length * usdPerLossDay };
};
