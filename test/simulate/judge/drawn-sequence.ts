import type { SeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import { type JudgePlan, judge, openJudge, updateJudge } from '../../../shared/core/judging/index.ts';
import { drawBinomial } from './draws.ts';
import { CHAMPION_RATE, ERRORS, HARMED_RATE } from './unit-streams.ts';

/** One canary's confidence sequence, block by block. */
export interface Sequence {
  readonly name: string;
  readonly decision: string;
  readonly points: readonly {
    readonly canaryUnits: number;
    readonly estimate: number;
    readonly lower: number;
    readonly upper: number;
  }[];
}

const BLOCKS = 40;
const UNITS_PER_BLOCK = 1_000;
const CANARY_SHARE = 0.2;

const PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [ERRORS],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: BLOCKS,
  atDeadline: 'hold',
  fewestUnits: 0,
};

const drawOne = (next: () => number, canaryRate: number): Sequence => {
  let state = openJudge(PLAN);
  const points: Sequence['points'][number][] = [];
  let decision = 'undecided';
  for (let index = 0; index < BLOCKS; index += 1) {
    const units = drawBinomial(next, UNITS_PER_BLOCK, CANARY_SHARE);
    const champions = UNITS_PER_BLOCK - units;
    const cell = {
      metric: ERRORS.name,
      slice: 'all',
      canary: { unitCount: units, sum: drawBinomial(next, units, canaryRate) },
      champion: { unitCount: champions, sum: drawBinomial(next, champions, CHAMPION_RATE) },
    };
    state = updateJudge(PLAN, state, {
      index,
      startMs: index,
      endMs: index + 1,
      canaryShare: CANARY_SHARE,
      cells: [cell],
    });
    const verdict = judge(PLAN, state, index);
    const [row] = verdict.rows;
    if (row?.estimate === undefined) continue;
    const { estimate, lower, upper } = row;
    points.push({ canaryUnits: row.units.canary, estimate, lower, upper });
    if (decision === 'undecided' && verdict.decision !== 'undecided')
      decision = `${verdict.decision} after ${row.units.canary} canary units`;
  }
  return { name: `canary fails ${100 * canaryRate} %, champion ${100 * CHAMPION_RATE} %`, decision, points };
};

/** The sequences of an equal and of a worse canary, to be drawn. */
export const drawSequence = (random: SeededRandom): readonly Sequence[] =>
  [CHAMPION_RATE, HARMED_RATE].map((rate) => drawOne(random.fork(`sequence at ${rate}`).next, rate));
