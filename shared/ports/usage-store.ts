import type { DailyUsage } from '../core/metering/index.ts';
import type { Page } from './model-registry.ts';

/** What clients used of models, by day. */
export interface UsageStore {
  /** Writes counts, each by itself; one that stands as high or higher stays, so that an older count changes nothing. */
  raise(model: string, usage: readonly DailyUsage[]): Promise<void>;
  /**
   * Of days `from` to `to` (`YYYY-MM-DD`, both included), by day, version and client.
   * @param page `limit` in [1, 1000]
   * @throws InvalidRequestError for a cursor or a limit that is none.
   */
  list(
    model: string,
    days: { readonly from: string; readonly to: string },
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<DailyUsage>>;
  /** When was last looked for captures of a model, all of which are counted; undefined before the first time. */
  countedUntilMs(model: string): Promise<number | undefined>;
  setCountedUntil(model: string, atMs: number): Promise<void>;
}

export const MOST_USAGE_LISTED = 1_000;
