import { type CellEvidence, type JudgePlan, openJudge, updateJudge } from '../../../shared/core/judging/index.ts';
import { drawBinomial } from './draws.ts';
import type { Simulated } from './simulated.ts';
import { type Tally, tallyOf } from './tally.ts';

export const SLICES = 20;
const BLOCKS = 24;
const UNITS_PER_SLICE = 200;
const CANARY_SHARE = 0.2;
const WORSE_SLICE = 's07';
export const [BASE_RATE, WORSE_RATE] = [0.01, 0.04];

const metric = (name: string, kind: 'share' | 'mean', harm: 'increase' | 'either', margin: number) =>
  ({ name, kind, harm, margin, weight: 0.25 }) as const;

const sliceName = (i: number): string => `s${String(i).padStart(2, '0')}`;

export const SLICED_PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [
    metric('errors', 'share', 'increase', 0.01),
    metric('slow', 'share', 'increase', 0.01),
    metric('predictions', 'mean', 'either', 0.02),
    metric('highest tenth', 'share', 'either', 0.03),
  ],
  slices: [
    { name: 'all', weight: 0.2 },
    ...Array.from({ length: SLICES }, (_, i) => ({ name: sliceName(i), weight: 0.8 / SLICES })),
  ],
  deadlineMs: 0,
  atDeadline: 'roll back',
  fewestUnits: 100,
};

export interface SliceResult {
  readonly canaryUnits: number;
  /** Stops in canary units of the whole traffic. */
  readonly equal: Tally;
  readonly worse: Tally;
  /** Of the canaries with a worse slice: aborted by another row than its errors. */
  readonly wrongRowShare: number;
  /** Bytes of the state as JSON after the last block. */
  readonly stateBytes: number;
}

interface Sums {
  unitCount: number;
  sum: number;
  sumOfSquares: number;
}

const shareSums = (next: () => number, unitCount: number, rate: number): Sums => {
  const sum = drawBinomial(next, unitCount, rate);
  return { unitCount, sum, sumOfSquares: sum };
};

/** Predictions of 0.1, 0.3 and 0.5, a quarter, a half and a quarter of them. */
const meanSums = (next: () => number, unitCount: number): Sums => {
  const low = drawBinomial(next, unitCount, 0.25);
  const high = drawBinomial(next, unitCount - low, 1 / 3);
  const middle = unitCount - low - high;
  return {
    unitCount,
    sum: 0.1 * low + 0.3 * middle + 0.5 * high,
    sumOfSquares: 0.01 * low + 0.09 * middle + 0.25 * high,
  };
};

const drawArm = (next: () => number, unitCount: number, errorRate: number): readonly Sums[] => [
  shareSums(next, unitCount, errorRate),
  shareSums(next, unitCount, BASE_RATE),
  meanSums(next, unitCount),
  shareSums(next, unitCount, 0.1),
];

const addTo = (total: Sums, sums: Sums): void => {
  total.unitCount += sums.unitCount;
  total.sum += sums.sum;
  total.sumOfSquares += sums.sumOfSquares;
};

const drawCells = (next: () => number, worseSlice: string | undefined): readonly CellEvidence[] => {
  const cells: CellEvidence[] = [];
  const whole = SLICED_PLAN.metrics.map(() => ({
    canary: { unitCount: 0, sum: 0, sumOfSquares: 0 },
    champion: { unitCount: 0, sum: 0, sumOfSquares: 0 },
  }));
  for (let i = 0; i < SLICES; i += 1) {
    const slice = sliceName(i);
    const canaryUnits = drawBinomial(next, UNITS_PER_SLICE, CANARY_SHARE);
    const canary = drawArm(next, canaryUnits, slice === worseSlice ? WORSE_RATE : BASE_RATE);
    const champion = drawArm(next, UNITS_PER_SLICE - canaryUnits, BASE_RATE);
    SLICED_PLAN.metrics.forEach(({ name }, m) => {
      addTo(whole[m]!.canary, canary[m]!);
      addTo(whole[m]!.champion, champion[m]!);
      cells.push({ metric: name, slice, canary: canary[m]!, champion: champion[m]! });
    });
  }
  return [...cells, ...SLICED_PLAN.metrics.map(({ name }, m) => ({ metric: name, slice: 'all', ...whole[m]! }))];
};

const simulate = ({ canaryCount, random, progress }: Simulated, worseSlice: string | undefined) => {
  const { next } = random.fork(`slices, worse: ${worseSlice ?? 'none'}`);
  const stops = new Float64Array(canaryCount).fill(Number.POSITIVE_INFINITY);
  let wrongRows = 0;
  let stateBytes = 0;
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    let state = openJudge(SLICED_PLAN);
    for (let index = 0; index < BLOCKS && state.aborted === undefined; index += 1) {
      const cells = drawCells(next, worseSlice);
      state = updateJudge(SLICED_PLAN, state, {
        index,
        startMs: index,
        endMs: index + 1,
        canaryShare: CANARY_SHARE,
        cells,
      });
      if (state.aborted === undefined) continue;
      stops[canary] = (index + 1) * SLICES * UNITS_PER_SLICE * CANARY_SHARE;
      if (state.aborted.metric !== 'errors' || ![WORSE_SLICE, 'all'].includes(state.aborted.slice)) wrongRows += 1;
    }
    if (canary < 100) stateBytes = Math.max(stateBytes, JSON.stringify(state).length);
  }
  return { stops, wrongRows, stateBytes };
};

/** 20 slices × 4 metrics and the whole traffic: equal versions, and one slice of 5 % of the traffic that is worse. */
export const simulateManySlices = (simulated: Simulated): SliceResult => {
  const canaryUnits = BLOCKS * SLICES * UNITS_PER_SLICE * CANARY_SHARE;
  const equal = simulate(simulated, undefined);
  const worse = simulate(simulated, WORSE_SLICE);
  return {
    canaryUnits,
    equal: tallyOf('versions are equal', equal.stops, canaryUnits),
    worse: tallyOf('one slice of 5 % is worse', worse.stops, canaryUnits),
    wrongRowShare: worse.wrongRows / simulated.canaryCount,
    stateBytes: Math.max(equal.stateBytes, worse.stateBytes),
  };
};
