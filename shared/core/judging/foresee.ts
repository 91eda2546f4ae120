import { type Bet, betOnHarm, betOnMargin, betOnOdds, type Direction, type TwoPoints } from './bet.ts';
import type { Betting } from './betting.ts';
import { type CellBetting, type CellState, knownPoints } from './cell.ts';
import { type Growth, passedBy, unitsToPass } from './first-passage.ts';
import type { JudgedCell } from './judge-state.ts';

/** How surely a forecast holds. */
const POWER = 0.8;

interface Situation {
  readonly champion: TwoPoints;
  /** The canary's mean, less the champion's. */
  readonly difference: number;
  readonly canaryShare: number;
}

const growthOf = (
  { slope, centre }: Bet,
  { direction, paidFor }: { readonly direction: Direction; readonly paidFor: number },
  { champion, difference, canaryShare: share }: Situation,
): Growth => {
  const canaryRate = Math.min(1, Math.max(0, champion.rate + difference / champion.size));
  const paid = -direction * paidFor * slope * share * (1 - share);
  let mean = 0;
  let square = 0;
  for (const [met, rate] of [
    [1, canaryRate],
    [0, champion.rate],
  ] as const) {
    for (const [outcome, chance] of [
      [champion.size, rate],
      [0, 1 - rate],
    ] as const) {
      const grown = paid + Math.log1p(direction * slope * (outcome - centre) * (met - share));
      const probability = (met === 1 ? share : 1 - share) * chance;
      mean += probability * grown;
      square += probability * grown * grown;
    }
  }
  return { mean, variance: square - mean * mean };
};

const betOf = (
  aim: Betting['aims'][number],
  { champion, canaryShare }: Situation,
  { direction, harm, margin }: { readonly direction: Direction; readonly harm: number; readonly margin: number },
): Bet => {
  if (aim.on === 'harm') return betOnHarm(champion, harm, direction, canaryShare);
  if (aim.on === 'margin') return betOnMargin(champion, margin, direction, canaryShare);
  return betOnOdds(champion, aim.odds, direction, canaryShare);
};

interface Walk {
  readonly growth: Growth;
  readonly limit: number;
}

/** How each bet of a direction grows, and how far it has to: a mixture has passed when one of its bets has alone. */
const walksOf = (
  { metric }: CellBetting,
  { aims, direction }: Betting,
  question: { readonly parts: readonly number[]; readonly paidFor: number; readonly logLimit: number },
  situation: Situation,
): readonly Walk[] => {
  const { margin, smallestHarm: harm = margin } = metric;
  return aims.flatMap((aim, i) => {
    const part = question.parts[i] ?? Number.NEGATIVE_INFINITY;
    if (part === Number.NEGATIVE_INFINITY) return [];
    const bet = betOf(aim, situation, { direction, harm, margin });
    const growth = growthOf(bet, { direction, paidFor: question.paidFor }, situation);
    return [{ growth, limit: question.logLimit - part }];
  });
};

const unitsOf = (walks: readonly Walk[]): number =>
  Math.min(...walks.map(({ growth, limit }) => unitsToPass(growth, limit, POWER)));

type Judged = Pick<JudgedCell, 'betting' | 'logAbortLimit'>;

const abortWalks = ({ betting, logAbortLimit }: Judged, situation: Situation): readonly Walk[] => {
  const { harm, tolerated = 0 } = betting.metric;
  const logLimit = logAbortLimit + (harm === 'either' ? Math.LN2 : 0);
  return walksOf(betting, betting.up, { parts: betting.up.towardAbort, paidFor: tolerated, logLimit }, situation);
};

/** Units of both versions after which a canary with this difference is aborted, with 80 % probability. */
export const unitsToAbort = (judged: Judged, situation: Situation): number => unitsOf(abortWalks(judged, situation));

/** Units of both versions after which a canary without a difference has a metric cleared, with 80 % probability. */
export const unitsToClear = (betting: CellBetting, situation: Situation, alphaPromote: number): number => {
  const { metric, down } = betting;
  const question = { parts: down.towardPromote, paidFor: metric.margin, logLimit: -Math.log(alphaPromote) };
  return unitsOf(walksOf(betting, down, question, situation));
};

const BISECTIONS = 30;

/** The smallest harm that so many units find with 80 % probability; undefined when not even the greatest is. */
export const smallestFound = (
  judged: Judged,
  { champion, canaryShare, unitCount }: Omit<Situation, 'difference'> & { readonly unitCount: number },
): number | undefined => {
  const isFound = (difference: number): boolean =>
    abortWalks(judged, { champion, difference, canaryShare }).some(
      ({ growth, limit }) => passedBy(growth, limit, unitCount) >= POWER,
    );
  let [missed, found] = [0, champion.size * (1 - champion.rate)];
  if (!isFound(found)) return undefined;
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (missed + found) / 2;
    if (isFound(middle)) found = middle;
    else missed = middle;
  }
  return found;
};

/** `smallestFound` of the units that a cell has seen, at the share that they came in. */
export const detectableHarm = (judged: JudgedCell, cell: CellState): number | undefined => {
  const [canaryCount, championCount] = [cell.canary[0], cell.champion[0]];
  const unitCount = canaryCount + championCount;
  const champion = knownPoints({ ...cell, known: cell.champion }, judged.betting.metric);
  return smallestFound(judged, { champion, canaryShare: canaryCount / unitCount, unitCount });
};
