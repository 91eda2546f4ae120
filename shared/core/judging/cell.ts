import { type Bet, type TwoPoints, twoPointsOf } from './bet.ts';
import { type Betting, bettingOn, placeBets } from './betting.ts';
import { type BlockOutcomes, type Capital, emptyCapital, settle } from './capital.ts';
import type { ArmOutcomes, CellEvidence } from './evidence-block.ts';
import type { JudgeMetric } from './judge-plan.ts';
import type { Totals } from './least-log-growth.ts';
import { storedNearest } from './stored-number.ts';

/** The evidence on one metric in one slice. */
export interface CellState {
  readonly canary: Totals;
  readonly champion: Totals;
  /** The champion's totals from which bets are placed: renewed when they have grown by a tenth. */
  readonly known: Totals;
  readonly up: Capital;
  readonly down: Capital;
}

/** What a metric is bet on, both ways. */
export interface CellBetting {
  readonly metric: JudgeMetric;
  readonly up: Betting;
  readonly down: Betting;
}

/** Units by which the champion's totals grow before bets are placed anew, beside a tenth. */
const FIRST_RENEWAL = 10;

const NOTHING: Totals = [0, 0, 0];

/** Units that are believed of what was before: bets soon follow what the champion shows beside the canary. */
const MOST_BELIEVED = 1_000;

/** @param clears Whether a promotion rests on it: that is asked of the whole traffic alone. */
export const cellBettingOn = (metric: JudgeMetric, clears: boolean): CellBetting => ({
  metric,
  up: bettingOn(metric, 1, clears),
  down: bettingOn(metric, -1, clears),
});

const totalsOf = ({ unitCount, sum, sumOfSquares = sum }: ArmOutcomes): Totals => {
  const clamped = Math.min(sum, unitCount);
  return [
    unitCount,
    clamped,
    Math.min(clamped, Math.max(sumOfSquares, unitCount > 0 ? (clamped * clamped) / unitCount : 0)),
  ];
};

const believed = (before: ArmOutcomes): Totals => {
  const [unitCount, sum, sumOfSquares] = totalsOf(before);
  const part = unitCount > MOST_BELIEVED ? MOST_BELIEVED / unitCount : 1;
  return [unitCount * part, storedNearest(sum * part), storedNearest(sumOfSquares * part)];
};

/** @param before the champion's outcomes from before the rollout, by which the first bets are placed. */
export const openCell = ({ up, down }: CellBetting, before?: ArmOutcomes): CellState => ({
  canary: NOTHING,
  champion: NOTHING,
  known: before === undefined ? NOTHING : believed(before),
  up: emptyCapital(up.aims.length),
  down: emptyCapital(down.aims.length),
});

const add = (a: Totals, b: Totals): Totals => [a[0] + b[0], storedNearest(a[1] + b[1]), storedNearest(a[2] + b[2])];

/** The champion's outcomes as two points, from what bets may know; before the first, at the rate of the least harm. */
export const knownPoints = ({ known }: CellState, { margin, smallestHarm = margin }: JudgeMetric): TwoPoints =>
  twoPointsOf(known, smallestHarm);

/** The bets that meet the next block. */
export const nextBets = (
  state: CellState,
  { metric, up, down }: CellBetting,
  canaryShare: number,
): { readonly up: readonly Bet[]; readonly down: readonly Bet[] } => {
  const points = knownPoints(state, metric);
  return {
    up: placeBets(up, metric, points, canaryShare),
    down: placeBets(down, metric, points, canaryShare),
  };
};

/** The champion's units at which bets are placed anew, by those that they know of. */
export const renewalAt = (knownCount: number): number => knownCount * 1.1 + FIRST_RENEWAL;

const shareOf = (canary: Totals, champion: Totals, drawn: number | undefined): number =>
  drawn ?? canary[0] / (canary[0] + champion[0]);

/** The cell after a block's outcomes. `drawnShare` is absent where the shares that came about are used. */
export const updateCell = (
  state: CellState,
  betting: CellBetting,
  evidence: Pick<CellEvidence, 'canary' | 'champion'>,
  drawnShare: number | undefined,
): CellState => {
  const canary = totalsOf(evidence.canary);
  const champion = totalsOf(evidence.champion);
  if (canary[0] + champion[0] === 0) return state;
  const outcomes: BlockOutcomes = { canary, champion, canaryShare: shareOf(canary, champion, drawnShare) };
  const totals = { canary: add(state.canary, canary), champion: add(state.champion, champion) };
  const known = totals.champion[0] >= renewalAt(state.known[0]) ? totals.champion : state.known;
  if (drawnShare === undefined && (canary[0] === 0 || champion[0] === 0)) return { ...state, ...totals, known };
  const bets = nextBets(state, betting, outcomes.canaryShare);
  return {
    ...totals,
    known,
    up: settle(state.up, bets.up, 1, outcomes),
    down: settle(state.down, bets.down, -1, outcomes),
  };
};
