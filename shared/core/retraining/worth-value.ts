import type { BackTest } from './back-test.ts';
import type { GainInterval } from './gain-interval.ts';
import type { PredictionsPerDay } from './predictions-per-day.ts';

/** A back-test's gain in dollars. */
export interface WorthValue extends PredictionsPerDay {
  readonly of: 'loss' | 'costs';
  /** Dollars of one unit of it, of one prediction. */
  readonly usdPerUnit: number;
  readonly horizonDays: number;
  readonly gainUsd: GainInterval;
}

export interface DeclaredWorth {
  readonly usdPerLoss?: number | undefined;
  readonly usdPerCost?: number | undefined;
  readonly horizonDays: number;
}

/** The gain over the horizon in dollars; undefined where the definition declares no value of what is gained. */
export const worthValue = (
  { gain, costGain }: Pick<BackTest, 'gain' | 'costGain'>,
  { usdPerLoss, usdPerCost, horizonDays }: DeclaredWorth,
  predictions: PredictionsPerDay,
): WorthValue | undefined => {
  const inUsd = (of: WorthValue['of'], usdPerUnit: number, { mean, lower, upper, confidence }: GainInterval) => {
    const factor = usdPerUnit * predictions.predictionsPerDay * horizonDays;
    const gainUsd = { mean: mean * factor, lower: lower * factor, upper: upper * factor, confidence };
    return { of, usdPerUnit, ...predictions, horizonDays, gainUsd };
  };
  if (usdPerCost !== undefined && costGain !== undefined) return inUsd('costs', usdPerCost, costGain);
  return usdPerLoss === undefined ? undefined : inUsd('loss', usdPerLoss, gain);
};
