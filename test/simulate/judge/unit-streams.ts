import type { JudgeMetric } from '../../../shared/core/judging/index.ts';
import { createAlarm, createFailedChecks, createRepeatedTest, type Rival } from './rivals.ts';
import { fixedSampleSize } from './sample-size.ts';
import type { Simulated } from './simulated.ts';
import { type Tally, tallyOf } from './tally.ts';
import { ABORTS, CLEARS, createUnitJudge, type UnitJudge } from './unit-judge.ts';

/** Units of equal standing, one request each: failures at 1 %, or at 2 % of a canary that is worse. */
export const CHAMPION_RATE = 0.01;
export const HARMED_RATE = 0.02;
export const MARGIN = 0.01;
/** The canaries without a difference are watched for so many n80. */
const HORIZON = 3;
/** The canaries with one are watched until all have been stopped, at most for so many n80. */
const LONGEST = 40;

export const ERRORS: JudgeMetric = {
  name: 'errors',
  kind: 'share',
  harm: 'increase',
  margin: MARGIN,
  smallestHarm: HARMED_RATE - CHAMPION_RATE,
  weight: 1,
};

const { smallestHarm: _, ...undeclared } = ERRORS;
export const ERRORS_UNDECLARED: JudgeMetric = undeclared;

export interface StreamResult {
  readonly championsPerCanary: number;
  readonly canaryRate: number;
  /** Canary units of the z-test that looks once. */
  readonly n80: number;
  readonly horizon: number;
  /** By the judge with the harm declared, the judge without, and the rivals, in this order. */
  readonly aborts: readonly Tally[];
  /** How the judge with the harm declared cleared the metric; it looked on after it would have aborted. */
  readonly clears: Tally;
  /** Share that was cleared before it was aborted. */
  readonly promotedShare: number;
}

// Read once: in a test, an import is looked up at every use.
const [abortsBit, clearsBit] = [ABORTS, CLEARS];

type Watcher = Pick<UnitJudge, 'reset'> & {
  see(met: 0 | 1, outcome: number): number | boolean;
  seePassing(count: number): number | boolean;
};

interface Watched {
  readonly name: string;
  readonly watcher: Watcher;
  /** By canary, in canary units. */
  readonly stops: Float64Array;
  /** Of a judge that may clear a canary, which it goes on to do after it would have aborted. */
  readonly clears?: Float64Array;
}

const never = (canaryCount: number): Float64Array => new Float64Array(canaryCount).fill(Number.POSITIVE_INFINITY);

const isDone = ({ stops, clears }: Watched, canary: number): boolean =>
  stops[canary] !== Number.POSITIVE_INFINITY && clears?.[canary] !== Number.POSITIVE_INFINITY;

/** What comes next: `passing` units of the champion that do not fail, then another unit. */
interface Stretch {
  passing: number;
  met: 0 | 1;
  failed: 0 | 1;
  /** Canary units with it. */
  units: number;
}

const note = (one: Watched, canary: number, units: number, found: number): 0 | 1 => {
  if (found === 0) return 0;
  if ((found & clearsBit) !== 0 && one.clears?.[canary] === Number.POSITIVE_INFINITY) one.clears[canary] = units;
  if ((found & abortsBit) === 0 || one.stops[canary] !== Number.POSITIVE_INFINITY) return 0;
  one.stops[canary] = units;
  return 1;
};

/** Shows a stretch to one watcher. @returns how often it stopped the canary: 0 or 1. */
const show = (one: Watched, canary: number, { passing, met, failed, units }: Stretch): number => {
  if (isDone(one, canary)) return 0;
  const before = passing === 0 ? 0 : note(one, canary, units - met, Number(one.watcher.seePassing(passing)));
  return before + note(one, canary, units, Number(one.watcher.see(met, failed)));
};

const rivalsFor = (n80: number): readonly Rival[] => {
  const unitsPerPeriod = Math.max(50, Math.round(n80 / 10));
  return [
    createAlarm({ limit: HARMED_RATE, unitsPerPeriod, periods: 1 }),
    createFailedChecks({ limit: HARMED_RATE, unitsPerCheck: Math.max(10, Math.round(unitsPerPeriod / 5)), checks: 5 }),
    createRepeatedTest(),
  ];
};

interface Course {
  readonly canaryShare: number;
  readonly canaryRate: number;
  /** Canary units. */
  readonly fewest: number;
  readonly most: number;
}

/** Shows one canary's units to all, until all have stopped it, for `fewest` to `most` of its units. */
const watchCanary = (watched: readonly Watched[], canary: number, next: () => number, course: Course): void => {
  const { canaryShare, canaryRate, fewest, most } = course;
  const canaryFails = canaryShare * canaryRate;
  const championFails = (1 - canaryShare) * CHAMPION_RATE;
  const notPassing = canaryShare + championFails;
  const logPassing = Math.log1p(-notPassing);
  const stretch: Stretch = { passing: 0, met: 0, failed: 0, units: 0 };
  let open = watched.length;
  while (stretch.units < most && (open > 0 || stretch.units < fewest)) {
    stretch.passing = Math.floor(Math.log((next() + 0.5) / 2 ** 32) / logPassing);
    const drawn = (next() / 2 ** 32) * notPassing;
    stretch.met = drawn < canaryShare ? 1 : 0;
    stretch.failed = stretch.met === 0 || drawn < canaryFails ? 1 : 0;
    stretch.units += stretch.met;
    for (const one of watched) open -= show(one, canary, stretch);
  }
};

const openWatched = (canaryCount: number, canaryShare: number, rivals: readonly Rival[]) => {
  const terms = { canaryShare, alphaAbort: 0.05 };
  const declared = {
    name: 'judge, smallest harm declared',
    watcher: createUnitJudge({ metric: ERRORS, ...terms, alphaPromote: 0.05 }),
    stops: never(canaryCount),
    clears: never(canaryCount),
  };
  const others = [
    ['judge, effect unknown', createUnitJudge({ metric: ERRORS_UNDECLARED, ...terms, alphaPromote: 0 })] as const,
    ...rivals.map((rival) => [rival.name, rival] as const),
  ].map(([name, watcher]): Watched => ({ name, watcher, stops: never(canaryCount) }));
  return { declared, watched: [declared, ...others] };
};

/** One kind of canary, many times, watched unit by unit by the judge and by what is in use elsewhere. */
export const simulateStream = (
  { canaryCount, random, progress }: Simulated,
  { championsPerCanary, canaryRate }: { readonly championsPerCanary: number; readonly canaryRate: number },
): StreamResult => {
  const canaryShare = 1 / (1 + championsPerCanary);
  const n80 = fixedSampleSize({ championRate: CHAMPION_RATE, canaryRate: HARMED_RATE, championsPerCanary });
  const isEqual = canaryRate === CHAMPION_RATE;
  const fewest = HORIZON * n80;
  const course = { canaryShare, canaryRate, fewest, most: isEqual ? fewest : LONGEST * n80 };
  const { declared, watched } = openWatched(canaryCount, canaryShare, rivalsFor(n80));
  const { next } = random.fork(`1:${championsPerCanary} at ${canaryRate}`);
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    for (const { watcher } of watched) watcher.reset();
    watchCanary(watched, canary, next, course);
  }
  const shown = isEqual ? fewest : 6 * n80;
  const promotedCount = declared.clears.filter(
    (clear, canary) => clear < Number.POSITIVE_INFINITY && clear <= declared.stops[canary]!,
  ).length;
  return {
    championsPerCanary,
    canaryRate,
    n80,
    horizon: course.most,
    aborts: watched.map(({ name, stops }) => tallyOf(name, stops, shown)),
    clears: tallyOf('cleared of being worse by the margin', declared.clears, shown),
    promotedShare: promotedCount / canaryCount,
  };
};
