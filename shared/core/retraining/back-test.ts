import { type AgedModel, type ComparedDay, compareDays } from './day-losses.ts';
import { type GainInterval, gainInterval } from './gain-interval.ts';

/** What retraining would have saved on the compared days. */
export interface BackTest {
  readonly rowCount: number;
  readonly rounds: number;
  readonly isProxy: boolean;
  readonly incumbentThroughMs: number;
  readonly candidatesThroughMs: readonly number[];
  readonly days: readonly ComparedDay[];
  readonly betterDayCount: number;
  /** Loss that retraining saves, of one prediction: above 0 favours it. */
  readonly gain: GainInterval;
  /** In the units of `evaluation.costs`. */
  readonly costGain?: GainInterval;
}

interface Aged {
  readonly rowCount: number;
  readonly rounds: number;
  readonly incumbent: AgedModel;
  readonly candidates: readonly AgedModel[];
}

/** Undefined where fewer than two days have rows. */
export const backTestOf = (
  { rowCount, rounds, incumbent, candidates }: Aged,
  { horizonDays, isProxy }: { readonly horizonDays: number; readonly isProxy: boolean },
): BackTest | undefined => {
  const days = compareDays(incumbent, candidates);
  const gain = gainInterval(
    days.map(({ incumbentLoss, candidateLoss }) => incumbentLoss - candidateLoss),
    { horizonDays },
  );
  if (gain === undefined) return undefined;
  const costs = days.flatMap(({ incumbentCost, candidateCost }) =>
    incumbentCost === undefined || candidateCost === undefined ? [] : [incumbentCost - candidateCost],
  );
  const costGain = costs.length === days.length ? gainInterval(costs, { horizonDays }) : undefined;
  return {
    rowCount,
    rounds,
    isProxy,
    incumbentThroughMs: incumbent.throughMs,
    candidatesThroughMs: candidates.map(({ throughMs }) => throughMs),
    days,
    betterDayCount: days.filter(({ incumbentLoss, candidateLoss }) => candidateLoss < incumbentLoss).length,
    gain,
    ...(costGain === undefined ? {} : { costGain }),
  };
};
