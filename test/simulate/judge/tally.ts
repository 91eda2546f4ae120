import { wilsonInterval } from '../../../shared/core/statistics/wilson-interval.ts';

/** When each of many canaries was stopped, in units of the canary; Infinity: not by the horizon. */
export interface Tally {
  readonly name: string;
  readonly canaryCount: number;
  readonly stoppedCount: number;
  readonly stoppedShare: number;
  /** One-sided 99 % bound (Wilson) of it. */
  readonly stoppedShareUpper99: number;
  /** Mean of the stops, with the horizon where none came. */
  readonly meanStop: number;
  /** 80 % of canaries were stopped by here; undefined if fewer were. */
  readonly stopP80?: number;
  /** Share stopped by each of the stated units, for drawing. */
  readonly curve: readonly (readonly [units: number, share: number])[];
}

const Z_99 = 2.3263478740408408;
const CURVE_POINTS = 60;

export const upper99 = (count: number, of: number): number => wilsonInterval(count, of, Z_99).upper;

export const tallyOf = (name: string, stops: Float64Array, horizon: number): Tally => {
  const sorted = stops.toSorted();
  const canaryCount = sorted.length;
  const stoppedBy = (units: number): number => {
    let [low, high] = [0, canaryCount];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= units) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const stoppedCount = stoppedBy(Number.MAX_VALUE);
  const p80 = sorted[Math.ceil(0.8 * canaryCount) - 1]!;
  let sum = 0;
  for (const stop of sorted) sum += Math.min(stop, horizon);
  return {
    name,
    canaryCount,
    stoppedCount,
    stoppedShare: stoppedCount / canaryCount,
    stoppedShareUpper99: upper99(stoppedCount, canaryCount),
    meanStop: sum / canaryCount,
    ...(Number.isFinite(p80) ? { stopP80: p80 } : {}),
    curve: Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
      const units = (horizon * i) / CURVE_POINTS;
      return [units, stoppedBy(units) / canaryCount] as const;
    }),
  };
};
