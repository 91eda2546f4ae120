import type { Bet } from '../../../shared/core/judging/bet.ts';
import type { Betting } from '../../../shared/core/judging/betting.ts';
import {
  type CellBetting,
  type CellState,
  cellBettingOn,
  nextBets,
  openCell,
  renewalAt,
} from '../../../shared/core/judging/cell.ts';
import type { JudgeMetric } from '../../../shared/core/judging/judge-plan.ts';

/** What a look found, added up. */
export const ABORTS = 1;
export const CLEARS = 2;

/** One metric of the whole traffic, looked at after every unit. Goes on after what it found. */
export interface UnitJudge {
  /** Forgets everything, for the next canary. */
  reset(): void;
  /** @param met 1 for a unit of the canary, else 0. @param outcome in [0, 1]. */
  see(met: 0 | 1, outcome: number): number;
  /**
   * So many units of the champion running, all of outcome 0: the same as seeing one after another. Each bet goes one way
   * all along, so their sum is convex in the count and is greatest at an end.
   */
  seePassing(count: number): number;
}

interface Ledger {
  readonly capital: Float64Array;
  readonly start: Float64Array;
  readonly slope: Float64Array;
  readonly centre: Float64Array;
  /** What a unit without a difference is paid, for the margin. */
  readonly paid: Float64Array;
  /** Factors of outcomes 0 and 1 for either version: (2 · met + outcome) · bets + bet. */
  readonly factors: Float64Array;
}

const openLedger = (parts: readonly number[]): Ledger => ({
  capital: new Float64Array(parts.length),
  start: Float64Array.from(parts, Math.exp),
  slope: new Float64Array(parts.length),
  centre: new Float64Array(parts.length),
  paid: new Float64Array(parts.length),
  factors: new Float64Array(4 * parts.length),
});

const factorOf = (ledger: Ledger, bet: number, direction: number, away: number, outcome: number): number =>
  (1 + direction * ledger.slope[bet]! * (outcome - ledger.centre[bet]!) * away) * ledger.paid[bet]!;

const place = (
  ledger: Ledger,
  bets: readonly Bet[],
  { direction, share, difference }: { direction: number; share: number; difference: number },
): void => {
  const count = bets.length;
  bets.forEach(({ slope, centre }, i) => {
    ledger.slope[i] = slope;
    ledger.centre[i] = centre;
    ledger.paid[i] = Math.exp(-direction * difference * slope * share * (1 - share));
    for (const met of [0, 1])
      for (const outcome of [0, 1])
        ledger.factors[(2 * met + outcome) * count + i] = factorOf(ledger, i, direction, met - share, outcome);
  });
};

const total = ({ capital, factors }: Ledger, row: number): number => {
  const count = capital.length;
  const first = row * count;
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const grown = capital[i]! * factors[first + i]!;
    capital[i] = grown;
    sum += grown;
  }
  return sum;
};

const FEW = 4;

/** As `total`, `times` over. */
const totalRepeated = ({ capital, factors }: Ledger, times: number): number => {
  let sum = 0;
  for (let i = 0; i < capital.length; i += 1) {
    const factor = factors[i]!;
    let grown = capital[i]!;
    if (times <= FEW) for (let k = 0; k < times; k += 1) grown *= factor;
    else grown *= factor ** times;
    capital[i] = grown;
    sum += grown;
  }
  return sum;
};

const totalBetween = (ledger: Ledger, direction: number, away: number, outcome: number): number => {
  let sum = 0;
  for (let i = 0; i < ledger.capital.length; i += 1) {
    const grown = ledger.capital[i]! * factorOf(ledger, i, direction, away, outcome);
    ledger.capital[i] = grown;
    sum += grown;
  }
  return sum;
};

const sideOf = (betting: Betting, parts: readonly number[], difference: number, limit: number) => ({
  ledger: openLedger(parts),
  direction: betting.direction,
  difference,
  limit,
});

/**
 * The judge of one metric that may harm by a higher mean, with the product's own bets, written as products over typed
 * arrays: hundreds of millions of units are seen in minutes. A test holds it against `updateJudge`, unit for unit.
 */
export const createUnitJudge = ({
  metric,
  canaryShare: share,
  alphaAbort,
  alphaPromote,
}: {
  readonly metric: JudgeMetric;
  readonly canaryShare: number;
  readonly alphaAbort: number;
  /** 0: never promotes. */
  readonly alphaPromote: number;
}): UnitJudge => {
  const betting: CellBetting = cellBettingOn(metric, true);
  const aborting = sideOf(betting.up, betting.up.towardAbort, 0, 1 / alphaAbort);
  const promoting = sideOf(betting.down, betting.down.towardPromote, metric.margin, 1 / alphaPromote);
  const known = [0, 0, 0];
  const champion = [0, 0, 0];
  let renewal = renewalAt(0);

  const placeAnew = (): void => {
    const state = { ...openCell(betting), known: [known[0]!, known[1]!, known[2]!] } satisfies CellState;
    const bets = nextBets(state, betting, share);
    place(aborting.ledger, bets.up, { direction: 1, share, difference: 0 });
    place(promoting.ledger, bets.down, { direction: -1, share, difference: metric.margin });
  };

  const learn = (outcome: number, count = 1): void => {
    champion[0]! += count;
    champion[1]! += outcome;
    champion[2]! += outcome * outcome;
    if (champion[0]! < renewal) return;
    for (let i = 0; i < 3; i += 1) known[i] = champion[i]!;
    renewal = renewalAt(known[0]!);
    placeAnew();
  };

  const grow = ({ ledger, direction }: typeof aborting, met: 0 | 1, outcome: number): number =>
    outcome === 0 || outcome === 1
      ? total(ledger, 2 * met + outcome)
      : totalBetween(ledger, direction, met - share, outcome);

  return {
    reset() {
      known.fill(0);
      champion.fill(0);
      renewal = renewalAt(0);
      aborting.ledger.capital.set(aborting.ledger.start);
      promoting.ledger.capital.set(promoting.ledger.start);
      placeAnew();
    },
    see(met, outcome) {
      const against = grow(aborting, met, outcome);
      const cleared = alphaPromote > 0 && grow(promoting, met, outcome) >= promoting.limit;
      if (met === 0) learn(outcome);
      return (against >= aborting.limit ? ABORTS : 0) + (cleared ? CLEARS : 0);
    },
    seePassing(count) {
      let found = 0;
      for (let left = count; left > 0; ) {
        const step = Math.min(left, Math.max(1, Math.ceil(renewal - champion[0]!)));
        if (totalRepeated(aborting.ledger, step) >= aborting.limit) found |= ABORTS;
        if (alphaPromote > 0 && totalRepeated(promoting.ledger, step) >= promoting.limit) found |= CLEARS;
        learn(0, step);
        left -= step;
      }
      return found;
    },
  };
};
