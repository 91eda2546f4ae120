import { openJudge, updateJudge } from '../../../shared/core/judging/index.ts';
import { shareDifferenceInterval } from '../../../shared/core/statistics/share-difference-interval.ts';
import type { BenchRow } from '../bench-row.ts';

const BLOCKS = 20_000;
const UNITS = 300;
const CANARY_SHARE = 0.05;

const plan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [{ name: 'errors', kind: 'share', harm: 'increase', margin: 0.01, smallestHarm: 0.01, weight: 1 }],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: 0,
  atDeadline: 'hold',
  fewestUnits: 0,
} as const;

/** Failures of both versions, block by block, without chance. */
const failuresOf = (index: number): readonly [canary: number, champion: number] => [
  index % 7 === 0 ? 1 : 0,
  index % 3 === 0 ? 4 : 2,
];

const timed = (work: () => unknown): number => {
  const startMs = performance.now();
  work();
  return ((performance.now() - startMs) * 1_000) / BLOCKS;
};

const judgeBlocks = (): unknown => {
  let state = openJudge(plan);
  for (let index = 0; index < BLOCKS; index += 1) {
    const [canary, champion] = failuresOf(index);
    const cell = {
      metric: 'errors',
      slice: 'all',
      canary: { unitCount: UNITS * CANARY_SHARE, sum: canary },
      champion: { unitCount: UNITS * (1 - CANARY_SHARE), sum: champion },
    };
    state = updateJudge(plan, state, { index, startMs: index, endMs: index, canaryShare: CANARY_SHARE, cells: [cell] });
  }
  return state;
};

const testBlocks = (): unknown => {
  let [canaryUnits, canaryFailures, championUnits, championFailures, lower] = [0, 0, 0, 0, 0];
  for (let index = 0; index < BLOCKS; index += 1) {
    const [canary, champion] = failuresOf(index);
    canaryUnits += UNITS * CANARY_SHARE;
    championUnits += UNITS * (1 - CANARY_SHARE);
    canaryFailures += canary;
    championFailures += champion;
    const arms = [
      { successCount: canaryFailures, trialCount: canaryUnits },
      { successCount: championFailures, trialCount: championUnits },
    ] as const;
    lower += shareDifferenceInterval(...arms, 1.6449).lower;
  }
  return lower;
};

export const row: BenchRow = {
  name: 'serving/judge',
  unit: 'µs',
  betterIs: 'lower',
  baselineName:
    'the interval that may be looked at once (Newcombe), from the same block’s counts; both: one block of one metric, mean of 20,000',
  prepare: async () => {
    judgeBlocks();
    testBlocks();
    return { value: async () => timed(judgeBlocks), baseline: async () => timed(testBlocks) };
  },
};
