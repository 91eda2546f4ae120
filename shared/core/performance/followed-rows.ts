import { DAY_MS, utcDay } from '../../kernel/time.ts';
import { hashText } from '../profiles/index.ts';
import type { OutcomeRow } from './outcome-row.ts';

const WORDS = 2 ** 32;

/** Where an id lies in [0, 1). */
const placeOf = (id: string): number => (hashText(id) >>> 0) / WORDS;

export const dayOf = (atMs: number): string => utcDay(Math.floor(atMs / DAY_MS) * DAY_MS);

export interface FollowedDay {
  readonly rows: ReadonlyMap<string, OutcomeRow>;
  /** Share of ids that are followed, by their hash: 1, ½, ¼ … */
  readonly followedShare: number;
  readonly changed: boolean;
}

interface Page {
  followedShare: number;
  readonly rows: Map<string, OutcomeRow>;
  changed: boolean;
}

/**
 * Rows by the day of their prediction, at most so many a day: beyond, every second id is dropped, by its hash. Which are
 * kept depends on the ids alone, not on their order.
 */
export interface FollowedRows {
  readonly days: ReadonlyMap<string, FollowedDay>;
  follows(predictionId: string, day: string): boolean;
  /** Of an id that some day does not follow, nobody can say whether it has a prediction. */
  followsOnAllDays(predictionId: string): boolean;
  get(predictionId: string): OutcomeRow | undefined;
  /** In place of the row of this id, on whatever day that is. */
  put(row: OutcomeRow): void;
}

export const openFollowedRows = (
  stored: readonly { readonly day: string; readonly followedShare: number; readonly rows: readonly OutcomeRow[] }[],
  most: number,
): FollowedRows => {
  const days = new Map<string, Page>();
  /** By id: the day that its prediction is of. */
  const homes = new Map<string, string>();
  for (const { day, followedShare, rows } of stored) {
    days.set(day, { followedShare, rows: new Map(rows.map((row) => [row.predictionId, row])), changed: false });
    for (const { predictionId } of rows) homes.set(predictionId, day);
  }

  const remove = (id: string): void => {
    const page = days.get(homes.get(id) ?? '');
    if (page?.rows.delete(id)) page.changed = true;
    homes.delete(id);
  };

  return {
    days,
    follows: (id, day) => placeOf(id) < (days.get(day)?.followedShare ?? 1),
    followsOnAllDays: (id) => {
      for (const { followedShare } of days.values()) if (placeOf(id) >= followedShare) return false;
      return true;
    },
    get: (id) => days.get(homes.get(id) ?? '')?.rows.get(id),
    put: (row) => {
      const { predictionId } = row;
      const day = dayOf(row.atMs);
      if (homes.get(predictionId) !== day) remove(predictionId);
      const page = days.get(day) ?? { followedShare: 1, rows: new Map<string, OutcomeRow>(), changed: true };
      days.set(day, page);
      page.rows.set(predictionId, row);
      page.changed = true;
      homes.set(predictionId, day);
      while (page.rows.size > most) {
        page.followedShare /= 2;
        for (const id of page.rows.keys()) if (placeOf(id) >= page.followedShare) remove(id);
      }
    },
  };
};
