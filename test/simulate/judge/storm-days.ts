import { type JudgePlan, openJudge, updateJudge } from '../../../shared/core/judging/index.ts';
import { drawBinomial, fractionOf } from './draws.ts';
import type { Simulated } from './simulated.ts';
import { type Tally, tallyOf } from './tally.ts';

/** Late flights: 12 to 42 % of a day's are, by the weather. The share of the canary rises meanwhile. */
export const [FAIREST, STORMIEST] = [0.12, 0.42];
const DAYS_PER_STEP = 8;
export const STEPS: readonly number[] = [0.05, 0.25, 0.5];
const BLOCKS_PER_DAY = 12;
const UNITS_PER_BLOCK = 50;
/** Days before the canary, from which the frozen rate is taken. */
const DAYS_BEFORE = 7;
const Z_95 = 1.6448536269514722;
const MARGIN = 0.05;

const PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [{ name: 'errors', kind: 'share', harm: 'increase', margin: MARGIN, weight: 1 }],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: 0,
  atDeadline: 'hold',
  fewestUnits: 0,
};

export interface StormResult {
  readonly days: number;
  /** Stops in days. */
  readonly aborts: readonly Tally[];
  /** Daily rates of the first canary, for drawing. */
  readonly rates: readonly number[];
}

/** Weather lasts: a walk between the fairest and the stormiest, that forgets half of yesterday. */
const drawRates = (next: () => number, days: number): readonly number[] => {
  let mood = fractionOf(next);
  return Array.from({ length: days }, () => {
    mood = 0.5 * mood + 0.5 * fractionOf(next) + (fractionOf(next) < 0.1 ? 0.5 : 0);
    mood = Math.min(1, mood);
    return FAIREST + (STORMIEST - FAIREST) * mood;
  });
};

interface Arm {
  units: number;
  failures: number;
}

const isWorse = (canary: Arm, champion: Arm): boolean => {
  if (canary.units < 100 || champion.units === 0) return false;
  const pooled = (canary.failures + champion.failures) / (canary.units + champion.units);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / canary.units + 1 / champion.units));
  return canary.failures / canary.units - champion.failures / champion.units > Z_95 * error;
};

const NAMES = [
  'judge',
  'pooled counts of the whole ramp, z-test at every block',
  'against the rate of the week before, z-test at every block',
  `alarm: more of a day's canary units failed than in the week before, by ${100 * MARGIN} points`,
] as const;

/** A block of a day: units and failures of canary and champion. */
const drawBlock = (next: () => number, canaryShare: number, rate: number): { canary: Arm; champion: Arm } => {
  const units = drawBinomial(next, UNITS_PER_BLOCK, canaryShare);
  return {
    canary: { units, failures: drawBinomial(next, units, rate) },
    champion: { units: UNITS_PER_BLOCK - units, failures: drawBinomial(next, UNITS_PER_BLOCK - units, rate) },
  };
};

const addTo = (total: Arm, { units, failures }: Arm): void => {
  total.units += units;
  total.failures += failures;
};

const drawBefore = (next: () => number, rates: readonly number[]): Arm => {
  const before: Arm = { units: 0, failures: 0 };
  for (const rate of rates) {
    for (let block = 0; block < BLOCKS_PER_DAY; block += 1)
      addTo(before, { units: UNITS_PER_BLOCK, failures: drawBinomial(next, UNITS_PER_BLOCK, rate) });
  }
  return before;
};

const outcomesOf = ({ units, failures }: Arm) => ({ unitCount: units, sum: failures });

/** Days at which the judge and each of its rivals stop one canary; Infinity for never. */
const watchCanary = (next: () => number, rates: readonly number[], before: Arm): readonly number[] => {
  const stops = NAMES.map(() => Number.POSITIVE_INFINITY);
  const [canaries, champions]: [Arm, Arm] = [
    { units: 0, failures: 0 },
    { units: 0, failures: 0 },
  ];
  let state = openJudge(PLAN);
  const stopIf = (rival: number, day: number, worse: boolean): void => {
    if (worse) stops[rival] = Math.min(stops[rival]!, day);
  };
  rates.forEach((rate, i) => {
    const day = i + 1;
    const canaryShare = STEPS[Math.floor(i / DAYS_PER_STEP)]!;
    const today: Arm = { units: 0, failures: 0 };
    for (let block = 0; block < BLOCKS_PER_DAY; block += 1) {
      const { canary, champion } = drawBlock(next, canaryShare, rate);
      addTo(today, canary);
      addTo(canaries, canary);
      addTo(champions, champion);
      const index = i * BLOCKS_PER_DAY + block;
      const cell = { metric: 'errors', slice: 'all', canary: outcomesOf(canary), champion: outcomesOf(champion) };
      if (state.aborted === undefined)
        state = updateJudge(PLAN, state, { index, startMs: index, endMs: index + 1, canaryShare, cells: [cell] });
      stopIf(0, day, state.aborted !== undefined);
      stopIf(1, day, isWorse(canaries, champions));
      stopIf(2, day, isWorse(canaries, before));
    }
    stopIf(3, day, today.failures > (before.failures / before.units + MARGIN) * today.units);
  });
  return stops;
};

/** Equal versions while the base rate changes from day to day. */
export const simulateStormDays = ({ canaryCount, random, progress }: Simulated): StormResult => {
  const days = DAYS_PER_STEP * STEPS.length;
  const { next } = random.fork('storm days');
  const stops = NAMES.map(() => new Float64Array(canaryCount));
  let firstRates: readonly number[] = [];
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    const rates = drawRates(next, DAYS_BEFORE + days);
    const during = rates.slice(DAYS_BEFORE);
    if (canary === 0) firstRates = during;
    watchCanary(next, during, drawBefore(next, rates.slice(0, DAYS_BEFORE))).forEach((stop, i) => {
      stops[i]![canary] = stop;
    });
  }
  return { days, aborts: NAMES.map((name, i) => tallyOf(name, stops[i]!, days)), rates: firstRates };
};
