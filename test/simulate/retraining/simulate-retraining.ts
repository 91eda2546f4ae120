import flightDelay from '../../../models/flight-delay/model.ts';
import {
  decideRetraining,
  paysFromDays,
  type StalenessPoint,
  stalenessCurve,
  worthValue,
} from '../../../shared/core/retraining/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { date, openAgedFlights } from './aged-flights.ts';
import { climbLadder, type Ladder, STEP_MS, V1_MS } from './model-ladder.ts';
import { type Course, followCourse, HORIZON_DAYS, type Weighed, weighAt } from './weigh-retraining.ts';

export interface RetrainingOptions {
  /** That every model learns from. */
  readonly rowCount: number;
  /** Of each day, that every model is scored on. */
  readonly flightsPerDay: number;
  readonly onProgress: (line: string) => void;
}

/** Every champion of one age, on every week. */
export interface AgeTally {
  /** Weeks, or version 1 whatever its age. */
  readonly championWeeks: number | 'version 1';
  readonly count: number;
  readonly rightCount: number;
  readonly sevenDaysRightCount: number;
  /** Of those whose measured gain is beyond two standard errors. */
  readonly clearCount: number;
  readonly clearRightCount: number;
  readonly coveredCount: number;
  readonly rootMeanSquaredError: number;
  readonly sevenDaysRootMeanSquaredError: number;
}

export interface RetrainingSimulation extends Omit<RetrainingOptions, 'onProgress'> {
  readonly decisions: readonly Weighed[];
  readonly tallies: readonly AgeTally[];
  readonly staleness: readonly StalenessPoint[];
  readonly paysFromDays?: number | undefined;
  readonly courses: readonly Course[];
  readonly wallSeconds: number;
}

/** Fixed before anything was measured: every other Wednesday from 14 February on. */
const DECISIONS = Array.from({ length: 8 }, (_, i) => date(2, 14) + i * 14 * DAY_MS);
const WEEKS = Array.from({ length: 15 }, (_, i) => date(2, 14) + i * STEP_MS);
const CHAMPION_WEEKS = [2, 3, 4, 5, 6, 8];
/** For the courses and the curve: what a user could declare. */
export const EXAMPLE = { usdPerLoss: 0.1, predictionsPerDay: 16_500, costUsd: 50 } as const;

const rootMeanSquare = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

const tallyOf = (championWeeks: AgeTally['championWeeks'], weighed: readonly Weighed[]): AgeTally => {
  const count = (holds: (one: Weighed) => boolean): number => weighed.filter(holds).length;
  const isClear = ({ measured, standardError }: Weighed): boolean => Math.abs(measured) > 2 * standardError;
  return {
    championWeeks,
    count: weighed.length,
    rightCount: count(({ signIsRight }) => signIsRight),
    sevenDaysRightCount: count(({ sevenDaysSignIsRight }) => sevenDaysSignIsRight),
    clearCount: count(isClear),
    clearRightCount: count((one) => isClear(one) && one.signIsRight),
    coveredCount: count(({ isCovered }) => isCovered),
    rootMeanSquaredError: rootMeanSquare(weighed.map(({ backTest, measured }) => backTest.gain.mean - measured)),
    sevenDaysRootMeanSquaredError: rootMeanSquare(
      weighed.map(({ sevenDays, measured }) => sevenDays.gain.mean - measured),
    ),
  };
};

const weighAll = (ladder: Ladder, dates: readonly number[], championAt: (atMs: number) => number): readonly Weighed[] =>
  dates.flatMap((atMs) => weighAt(ladder, atMs, championAt(atMs)) ?? []);

const tallyAges = (ladder: Ladder): readonly AgeTally[] => {
  const oldest = ladder.models[0]?.throughMs ?? 0;
  return [
    tallyOf(
      'version 1',
      weighAll(ladder, WEEKS, () => V1_MS),
    ),
    ...CHAMPION_WEEKS.map((weeks) => {
      const dates = WEEKS.filter((atMs) => atMs - weeks * STEP_MS >= oldest);
      return tallyOf(
        weeks,
        weighAll(ladder, dates, (atMs) => atMs - weeks * STEP_MS),
      );
    }),
  ];
};

const followCourses = (ladder: Ladder): readonly Course[] => {
  const { usdPerLoss, predictionsPerDay, costUsd } = EXAMPLE;
  const common = { dates: DECISIONS, usdPerLossDay: usdPerLoss * predictionsPerDay, costUsd };
  const follow = (name: string, decide: Parameters<typeof followCourse>[1]['decide']) =>
    followCourse(ladder, { ...common, name, decide }, V1_MS);
  return [
    follow('never retrained', () => 'wait'),
    follow('retrained every fortnight', () => 'retrain'),
    follow('retrained where the estimate says so', (weighed) => {
      if (weighed === undefined) return 'wait';
      const { backTest } = weighed;
      const asked = { predictionsPerDay, predictionsFrom: { kind: 'declared' } } as const;
      const value = worthValue(backTest, { usdPerLoss, horizonDays: HORIZON_DAYS }, asked);
      return decideRetraining({ backTest, value, margin: flightDelay.evaluation.margin, costUsd, mode: 'decide' })
        .decision;
    }),
  ];
};

/** Whether retraining version 1 was worth it, asked eight times, and what it would have brought; and how models age. */
export const simulateRetraining = async ({
  rowCount,
  flightsPerDay,
  onProgress,
}: RetrainingOptions): Promise<RetrainingSimulation> => {
  const startedAt = performance.now();
  const flights = await openAgedFlights({ flightsPerDay }, onProgress);
  try {
    const ladder = await climbLadder(flights, { rowCount, onProgress });
    const staleness = stalenessCurve(ladder.models);
    const { usdPerLoss, predictionsPerDay, costUsd } = EXAMPLE;
    return {
      rowCount,
      flightsPerDay,
      decisions: weighAll(ladder, DECISIONS, () => V1_MS),
      tallies: tallyAges(ladder),
      staleness,
      paysFromDays: paysFromDays(staleness, { usdPerDayAndLoss: usdPerLoss * predictionsPerDay, costUsd }),
      courses: followCourses(ladder),
      wallSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
    };
  } finally {
    await flights.close();
  }
};
