import type { Bet, Direction } from './bet.ts';
import { leastLogGrowth, type Totals } from './least-log-growth.ts';
import { storedBelow, storedNearest } from './stored-number.ts';

/**
 * What one bet has become. Growth: ln ∏(1 + direction · slope · (x − centre)(a − π)) over all units so far. Drift:
 * Σ slope · π(1 − π) over them, what a difference of 1 would have added to the growth at most.
 */
export type Holding = readonly [growth: number, drift: number];

/** What the bets of one direction have become. */
export type Capital = readonly Holding[];

export interface BlockOutcomes {
  readonly canary: Totals;
  readonly champion: Totals;
  /** π: drawn, or the share that came about. */
  readonly canaryShare: number;
}

/** A question on the difference of means: whether it is at most (direction 1) or at least (−1) so much. */
interface Question {
  readonly direction: Direction;
  /** Logarithms of each bet's part of the capital. */
  readonly parts: readonly number[];
}

export const emptyCapital = (betCount: number): Capital => new Array<Holding>(betCount).fill([0, 0]);

const growthOf = (
  { slope, centre }: Bet,
  direction: Direction,
  { canary, champion, canaryShare }: BlockOutcomes,
): number => {
  const met = direction * slope * (1 - canaryShare);
  const missed = -direction * slope * canaryShare;
  return leastLogGrowth(canary, -met * centre, met) + leastLogGrowth(champion, -missed * centre, missed);
};

/** The capital after a block, in which every bet stays as it was placed. */
export const settle = (
  capital: Capital,
  bets: readonly Bet[],
  direction: Direction,
  outcomes: BlockOutcomes,
): Capital => {
  const { canary, champion, canaryShare } = outcomes;
  const weight = (canary[0] + champion[0]) * canaryShare * (1 - canaryShare);
  return bets.map((bet, i): Holding => {
    const [growth, drift] = capital[i] ?? [0, 0];
    return [storedBelow(growth + growthOf(bet, direction, outcomes)), storedNearest(drift + bet.slope * weight)];
  });
};

/** ln of an e-value against "the difference is at most (direction 1), or at least (−1), `difference`". */
export const logEvidence = (capital: Capital, { direction, parts }: Question, difference: number): number => {
  const paid = -direction * difference;
  let most = Number.NEGATIVE_INFINITY;
  capital.forEach(([growth, drift], i) => {
    most = Math.max(most, (parts[i] ?? 0) + growth + paid * drift);
  });
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  capital.forEach(([growth, drift], i) => {
    sum += Math.exp((parts[i] ?? 0) + growth + paid * drift - most);
  });
  return most + Math.log(sum);
};

const BISECTIONS = 40;

/**
 * The bound of a confidence sequence: the least (direction 1) or greatest (−1) difference against which the evidence is
 * still below `logLimit`. A difference beyond it would have been rejected.
 */
export const boundOf = (capital: Capital, question: Question, logLimit: number): number => {
  const { direction } = question;
  const rejects = (difference: number): boolean => logEvidence(capital, question, difference) >= logLimit;
  // The evidence rises against the direction: −direction is the difference that is rejected first.
  if (!rejects(-direction)) return -direction;
  let rejected: number = -direction;
  let kept: number = direction;
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (rejected + kept) / 2;
    if (rejects(middle)) rejected = middle;
    else kept = middle;
  }
  return rejected;
};
