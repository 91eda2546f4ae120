import { type Bet, betOnHarm, betOnMargin, betOnOdds, type Direction, type TwoPoints } from './bet.ts';
import type { JudgeMetric } from './judge-plan.ts';

/** What one part of a capital is bet on. */
type Aim = { readonly on: 'harm' } | { readonly on: 'margin' } | { readonly on: 'odds'; readonly odds: number };

/** Odds of the canary over the champion's, and the part of a capital on each: most on a doubled rate. */
const ODDS = [
  [1.25, 0.15],
  [2, 0.5],
  [4, 0.25],
  [15, 0.1],
] as const;

/** The part of a capital on what was declared; the rest is spread over the odds, in case that it was declared wrongly. */
const ON_DECLARED = 0.85;

/**
 * The part of a capital that is bet toward a promotion. That evidence grows in steps so small that it meets its limit
 * without overshoot, and the stated rate would be used up whole; so it keeps some room.
 */
const BET_TOWARD_PROMOTE = 0.92;

/** The bets of one direction, and how they share the capital in each of the two questions. */
export interface Betting {
  readonly direction: Direction;
  readonly aims: readonly Aim[];
  /** Logarithms of each aim's part of the capital against "the versions are equal"; −∞ for none. */
  readonly towardAbort: readonly number[];
  /** Logarithms of each aim's part against "differs by the margin or more, the other way". */
  readonly towardPromote: readonly number[];
}

const partsOf = (aims: readonly Aim[], declared: 'harm' | 'margin', whole: number): readonly number[] => {
  const spread = aims.some(({ on }) => on === declared) ? 1 - ON_DECLARED : 1;
  return aims.map((aim) => {
    if (aim.on === declared) return Math.log(whole * ON_DECLARED);
    if (aim.on !== 'odds') return Number.NEGATIVE_INFINITY;
    return Math.log(whole * spread * (ODDS.find(([odds]) => odds === aim.odds)?.[1] ?? 0));
  });
};

/** What is bet on a metric in one direction. @param clears Whether evidence for a promotion is wanted too. */
export const bettingOn = (metric: JudgeMetric, direction: Direction, clears: boolean): Betting => {
  const mayHarm = direction === 1 || metric.harm === 'either';
  const mayClear = clears && (direction === -1 || metric.harm === 'either');
  const aims: readonly Aim[] = [
    ...(mayHarm && metric.smallestHarm !== undefined ? [{ on: 'harm' } as const] : []),
    ...(mayClear ? [{ on: 'margin' } as const] : []),
    ...ODDS.map(([odds]) => ({ on: 'odds', odds }) as const),
  ];
  return {
    direction,
    aims,
    towardAbort: partsOf(aims, 'harm', 1),
    towardPromote: partsOf(aims, 'margin', BET_TOWARD_PROMOTE),
  };
};

/** The bets of a block, from what the champion showed in earlier ones. */
export const placeBets = (
  { aims, direction }: Betting,
  { margin, smallestHarm = margin }: JudgeMetric,
  points: TwoPoints,
  canaryShare: number,
): readonly Bet[] =>
  aims.map((aim) => {
    if (aim.on === 'harm') return betOnHarm(points, smallestHarm, direction, canaryShare);
    if (aim.on === 'margin') return betOnMargin(points, margin, direction, canaryShare);
    return betOnOdds(points, aim.odds, direction, canaryShare);
  });
