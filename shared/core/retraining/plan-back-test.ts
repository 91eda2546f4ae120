import { DAY_MS, isoTime } from '../../kernel/time.ts';

/** Candidates of a back-test: each is trained before a part of the compared days, which are that much more. */
const MOST_ORIGINS = 4;

export interface BackTestSpan {
  /** The newest whole days with labels: what the first candidate is held against. */
  readonly holdoutFromMs: number;
  readonly holdoutToMs: number;
  /** Newest knowledge in the champion's rows. */
  readonly championThroughMs: number;
}

export type BackTestPlan =
  | {
      /** Up to when each candidate learns, newest first; every one is compared from then until the holdout's end. */
      readonly originsMs: readonly number[];
    }
  | { readonly refused: string };

/**
 * Up to when candidates learn: before the newest days, and before as many days again, three times more, as long as each
 * would know a day more than the champion does. The champion's own rows must lie before every day that is compared.
 */
export const planBackTest = ({ holdoutFromMs, holdoutToMs, championThroughMs }: BackTestSpan): BackTestPlan => {
  const step = holdoutToMs - holdoutFromMs;
  const originsMs = Array.from({ length: MOST_ORIGINS }, (_, i) => holdoutFromMs - i * step).filter(
    (originMs) => originMs - championThroughMs >= DAY_MS,
  );
  if (step < 2 * DAY_MS) return { refused: 'the holdout is a single day, and a gain is told by days' };
  return originsMs.length > 0
    ? { originsMs }
    : {
        refused:
          `the champion knows what was known by ${isoTime(championThroughMs)}, which is no day before the ` +
          `compared days begin (${isoTime(holdoutFromMs)})`,
      };
};
