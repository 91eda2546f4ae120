import {
  type JudgePlan,
  type JudgeVerdict,
  judge,
  openJudge,
  updateJudge,
} from '../../../shared/core/judging/index.ts';
import { drawBinomial } from './draws.ts';
import type { Simulated } from './simulated.ts';
import { CHAMPION_RATE, ERRORS, HARMED_RATE } from './unit-streams.ts';

/** A deadline that comes too soon for most. */
const BLOCKS = 8;
const UNITS_PER_BLOCK = 400;
const CANARY_SHARE = 0.2;

const PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [ERRORS],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: BLOCKS,
  atDeadline: 'roll back',
  fewestUnits: 100,
};

export interface DeadlineResult {
  readonly canaryUnits: number;
  readonly shares: readonly {
    readonly canaryRate: number;
    readonly promote: number;
    readonly abort: number;
    readonly undecided: number;
  }[];
  /** What an undecided judge says at its deadline. */
  readonly example: JudgeVerdict | undefined;
}

/** Rollouts that end at their deadline, decided or not. */
export const simulateDeadline = ({ canaryCount, random, progress }: Simulated): DeadlineResult => {
  let example: JudgeVerdict | undefined;
  const shares = [CHAMPION_RATE, HARMED_RATE].map((canaryRate) => {
    const { next } = random.fork(`deadline at ${canaryRate}`);
    const counts = { promote: 0, abort: 0, undecided: 0 };
    for (let canary = 0; canary < canaryCount; canary += 1) {
      progress(canary);
      let state = openJudge(PLAN);
      let verdict = judge(PLAN, state, 0);
      for (let index = 0; index < BLOCKS && verdict.decision === 'undecided'; index += 1) {
        const units = drawBinomial(next, UNITS_PER_BLOCK, CANARY_SHARE);
        const cell = {
          metric: ERRORS.name,
          slice: 'all',
          canary: { unitCount: units, sum: drawBinomial(next, units, canaryRate) },
          champion: {
            unitCount: UNITS_PER_BLOCK - units,
            sum: drawBinomial(next, UNITS_PER_BLOCK - units, CHAMPION_RATE),
          },
        };
        const block = { index, startMs: index, endMs: index + 1, canaryShare: CANARY_SHARE, cells: [cell] };
        state = updateJudge(PLAN, state, block);
        verdict = judge(PLAN, state, index + 1);
      }
      counts[verdict.decision] += 1 / canaryCount;
      if (verdict.decision === 'undecided') example ??= verdict;
    }
    return { canaryRate, ...counts };
  });
  return { canaryUnits: BLOCKS * UNITS_PER_BLOCK * CANARY_SHARE, shares, example };
};
