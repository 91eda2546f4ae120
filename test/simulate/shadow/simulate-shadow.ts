import { createSeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import flightDelay from '../../../models/flight-delay/model.ts';
import type { ShadowDay, ShadowVerdict } from '../../../shared/core/deployment/index.ts';
import { shadowVerdict } from '../../../shared/core/deployment/index.ts';
import type { JudgeRow } from '../../../shared/core/judging/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../shared/kernel/time.ts';
import { openCapturedFlights, PAIR } from './captured-flights.ts';
import { ENDS_AT_MS, type Flight, type Flights, openFlights, V2_AS_OF_MS } from './flights.ts';
import { type LossSums, openUnpaired } from './unpaired.ts';

export interface ShadowOptions {
  readonly seed: string;
  readonly flightsPerDay?: number | undefined;
  readonly onProgress: (line: string) => void;
}

export interface UnpairedDay {
  readonly day: string;
  readonly estimate?: number;
  readonly lower: number;
  readonly upper: number;
  readonly labels: number;
}

export interface ShadowSimulation {
  readonly seed: string;
  readonly flightsPerDay: number | 'all';
  readonly paired: {
    readonly verdict: ShadowVerdict;
    readonly days: readonly ShadowDay[];
    /** Morning of the daily run that decided. */
    readonly decidedOn?: string;
  };
  readonly unpaired: { readonly days: readonly UnpairedDay[]; readonly decidedOn?: string };
  /** Labels for 80 % power of a z-test of the mean log loss at 5 %, by the first fortnight. */
  readonly labelsNeeded: { readonly paired: number; readonly unpairedEach: number };
  readonly wallSeconds: number;
}

/** The daily check of flight-delay. */
const CHECK_HOUR = 6;
const FORTNIGHT = 14;
/** (z 97.5 % + z 80 %)². */
const POWER = (1.959964 + 0.841621) ** 2;

const isDecided = ({ lower, upper }: Pick<JudgeRow, 'lower' | 'upper'>): boolean => lower > 0 || upper < 0;

/** What rows alone would ask for, as if they were independent. */
const labelsNeeded = ({ count, difference, squaredDifference, loss, squaredLoss }: LossSums) => {
  const mean = difference / count;
  const labels = (variance: number): number => Math.round((POWER * variance) / mean ** 2 / 100) * 100;
  return {
    paired: labels(squaredDifference / count - mean ** 2),
    unpairedEach: labels(2 * (squaredLoss / count - (loss / count) ** 2)),
  };
};

const followUnpaired = async (versions: Flights['versions'], seed: string) => {
  const random = createSeededRandom(seed);
  const judged = await openUnpaired(versions, () => random.fraction());
  const days: UnpairedDay[] = [];
  let decidedOn: string | undefined;
  let needed = { paired: Number.NaN, unpairedEach: Number.NaN };
  return {
    take: async (dayMs: number, departures: readonly Flight[]): Promise<void> => {
      const row = await judged.judgeDay(dayMs, departures);
      const { estimate, lower, upper, units } = row;
      const told = { day: utcDay(dayMs), lower, upper, labels: units.canary + units.champion };
      days.push({ ...told, ...(estimate === undefined ? {} : { estimate }) });
      if (isDecided(row)) decidedOn ??= told.day;
      if (days.length === FORTNIGHT) needed = labelsNeeded(judged.sums());
    },
    result: () => ({
      unpaired: { days, ...(decidedOn === undefined ? {} : { decidedOn }) },
      labelsNeeded: needed,
    }),
  };
};

const followPaired = async (versions: Flights['versions']) => {
  let nowMs = V2_AS_OF_MS;
  const shadow = await openCapturedFlights(versions, { nowMs: () => nowMs });
  const { shadow: limits } = flightDelay.deployment;
  if (limits === undefined) throw new TypeError('flight-delay declares deployment.shadow');
  let decidedOn: string | undefined;
  return {
    /** @returns what the check of the next morning says */
    take: async (dayMs: number, departures: readonly Flight[]): Promise<string> => {
      nowMs = dayMs + DAY_MS + CHECK_HOUR * HOUR_MS;
      if (decidedOn === undefined) await shadow.capture(dayMs, departures);
      const ran = await shadow.run(nowMs);
      if (ran.outcome === 'better' || ran.outcome === 'worse') decidedOn ??= utcDay(nowMs);
      return 'reason' in ran ? ran.reason : ran.outcome;
    },
    result: async () => {
      const days = await shadow.days.list(PAIR);
      return { verdict: shadowVerdict(days, limits), days, ...(decidedOn === undefined ? {} : { decidedOn }) };
    },
  };
};

/**
 * Version 2 beside version 1 on the flights from 18 February on: by paired shadow scoring, through the deployed function
 * and at its daily hour, until it decides or its days are used up; and beside it by flights that ask one version each.
 */
export const simulateShadow = async (options: ShadowOptions): Promise<ShadowSimulation> => {
  const { seed, flightsPerDay, onProgress } = options;
  const startedAt = performance.now();
  const flights = await openFlights({ flightsPerDay, seed }, onProgress);
  const paired = await followPaired(flights.versions);
  const unpaired = await followUnpaired(flights.versions, seed);
  for (let dayMs = V2_AS_OF_MS; dayMs < ENDS_AT_MS; dayMs += DAY_MS) {
    const departures = await flights.departures(dayMs);
    await unpaired.take(dayMs, departures);
    const said = await paired.take(dayMs, departures);
    onProgress(`${utcDay(dayMs)}: ${departures.length} flights; paired: ${said}`);
  }
  await flights.close();
  return {
    seed,
    flightsPerDay: flightsPerDay ?? 'all',
    paired: await paired.result(),
    ...unpaired.result(),
    wallSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
};
