import { DAY_MS, HOUR_MS, tellMinute } from '../../kernel/time.ts';

/** The newest of everything that is known at the end of a window. */
export interface Newest {
  readonly lastPredictionAtMs?: number | undefined;
  /** Newest UTC day under which data lies. */
  readonly lastDataDay?: string | undefined;
}

export interface Freshness {
  readonly status: 'fresh' | 'stale';
  /** What is too old, as sentences. */
  readonly reasons: readonly string[];
  readonly lastPredictionAtMs?: number;
  readonly lastDataDay?: string;
}

/**
 * Says whether predictions still come (one within the day before the window's end) and data too.
 * @param maxDataAgeHours from the end of the newest day under which data lies.
 */
export const assessFreshness = (
  newest: Newest,
  { toMs, maxDataAgeHours }: { readonly toMs: number; readonly maxDataAgeHours: number },
): Freshness => {
  const { lastPredictionAtMs, lastDataDay } = newest;
  const reasons: string[] = [];
  if (lastPredictionAtMs === undefined) reasons.push('no prediction came in the window');
  else if (lastPredictionAtMs < toMs - DAY_MS)
    reasons.push(`the last prediction came at ${tellMinute(lastPredictionAtMs)}`);
  const dataAgeHours = lastDataDay === undefined ? 0 : (toMs - Date.parse(lastDataDay) - DAY_MS) / HOUR_MS;
  if (dataAgeHours > maxDataAgeHours) {
    reasons.push(
      `the newest data is of ${lastDataDay}, ${Math.round(dataAgeHours)} hours old of at most ${maxDataAgeHours}`,
    );
  }
  return {
    status: reasons.length === 0 ? 'fresh' : 'stale',
    reasons,
    ...(lastPredictionAtMs === undefined ? {} : { lastPredictionAtMs }),
    ...(lastDataDay === undefined ? {} : { lastDataDay }),
  };
};
