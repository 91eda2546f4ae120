import { countEpisodes } from '../../../shared/core/drift/episodes.ts';
import { createTableProfiler } from '../../../shared/core/profiles/index.ts';
import type { WorldKind } from './column-law.ts';
import { watchByRivals } from './rivals.ts';
import { playDays, type WatchedService, watchService } from './watched-service.ts';
import { createWorld, type Plant, SLICES, type World } from './world.ts';

export const YEAR_DAYS = 365;
/** Clean days before something is planted, and how long it may take to be found. */
const RUN_IN = 14;
const HORIZON = 90;
const QUIET_DAYS = 7;

export interface NullYear {
  readonly seed: string;
  /** Of inputs and outcomes together. */
  readonly episodes: number;
  /** Day by day, the larger evidence of both. */
  readonly evidence: readonly number[];
  readonly limits: readonly number[];
  readonly blockDays: number;
  readonly psi: { readonly days: number; readonly episodes: number };
  readonly ksAny: { readonly days: number; readonly episodes: number };
  /** Days on which one column is flagged, averaged over columns. */
  readonly ksDaysPerColumn: number;
  readonly calibratedInMs: number;
}

export interface PlantedRun {
  readonly seed: string;
  /** Checks until the alarm, 1 on the first day; undefined when none came in 90. */
  readonly days?: number;
  readonly named: readonly string[];
  readonly namedSlices: readonly string[];
}

export interface PlantedResult {
  readonly kind: WorldKind;
  readonly name: string;
  readonly column: string;
  readonly slice?: string;
  readonly runs: readonly PlantedRun[];
}

export interface NullResult {
  readonly kind: WorldKind;
  readonly referenceDays: number;
  readonly years: readonly NullYear[];
}

export interface NullYearSimulation {
  readonly seed: string;
  readonly columnCount: number;
  readonly nulls: readonly NullResult[];
  readonly planted: readonly PlantedResult[];
  /** Cells of drawn rows that the profiler counts in another bin than the simulation does. */
  readonly samePath: { readonly cells: number; readonly differing: number };
  readonly wallSeconds: number;
}

export interface SimulationPlan {
  readonly seed: string;
  readonly years: number;
  readonly numbers: number;
  readonly categories: number;
  /** That a limit is set by: `DriftSettings.virtualYears`. */
  readonly virtualYears: number;
  /** Also with a reference of half the days. */
  readonly shortReference: boolean;
  nowMs(): number;
  onProgress(line: string): void;
}

export const REFERENCE_DAYS = 56;
const SHORT_REFERENCE_DAYS = 28;

interface Planting {
  readonly name: string;
  readonly plant: Plant;
}

const PLANTS: readonly Planting[] = [
  { name: 'shift of 0.25 σ, one column', plant: { table: 'inputs', column: 'n7', shift: 0.25 } },
  // Of a length whose logarithm has a deviation of 1: in centimetres instead of inches.
  { name: 'unit changed, × 2.54', plant: { table: 'inputs', column: 'n3', shift: Math.log(2.54) } },
  { name: 'shift of 0.5 σ, one slice of 7.5 %', plant: { table: 'inputs', column: 'n5', shift: 0.5, slice: 1 } },
  { name: 'errors up by 0.25 σ, inputs unchanged', plant: { table: 'outcomes', column: '@error', shift: 0.25 } },
];

const flagsOf = (flags: readonly boolean[]) => ({
  days: flags.filter(Boolean).length,
  episodes: countEpisodes(flags.map(Number), 1, QUIET_DAYS),
});

/** One clean year after the reference, watched by the drift check and by others. */
export const playNullYear = (seed: string, service: WatchedService, numberColumns: number): NullYear => {
  const [psi, ksAny, evidence]: [boolean[], boolean[], number[]] = [[], [], []];
  let [episodes, ksDays] = [0, 0];
  for (const { inputs, checks } of playDays(service, { dayCount: YEAR_DAYS })) {
    const rivals = watchByRivals(service.reference, inputs, numberColumns);
    psi.push(rivals.psi);
    ksAny.push(rivals.ksCount > 0);
    ksDays += rivals.ksCount;
    evidence.push(Math.max(...checks.map((check) => check.evidence)));
    episodes += checks.filter(({ episode }) => episode?.opened).length;
  }
  return {
    seed,
    episodes,
    evidence,
    limits: service.calibrations.map(({ limit = 0 }) => limit),
    blockDays: service.calibrations[0]?.blockDays ?? 0,
    psi: flagsOf(psi),
    ksAny: flagsOf(ksAny),
    ksDaysPerColumn: ksDays / numberColumns,
    calibratedInMs: service.calibratedInMs,
  };
};

const playPlanted = (seed: string, service: WatchedService, plant: Plant): PlantedRun => {
  for (const { day, checks } of playDays(service, { dayCount: RUN_IN + HORIZON, plant, plantedFrom: RUN_IN })) {
    const alarms = checks.filter(({ status }) => status === 'above-limit');
    if (day < RUN_IN || alarms.length === 0) continue;
    return {
      seed,
      days: day - RUN_IN + 1,
      named: alarms.flatMap(({ columns }) => columns.map(({ name }) => name)),
      namedSlices: alarms.flatMap(({ slices }) => slices.map(({ name }) => name)),
    };
  }
  return { seed, named: [], namedSlices: [] };
};

const compareWithProfiler = (world: World, dayCount: number): NullYearSimulation['samePath'] => {
  let [cells, differing] = [0, 0];
  for (let index = 0; index < dayCount; index += 1) {
    const profiler = createTableProfiler(world.bins.inputs);
    profiler.foldRows(world.drawRows(index));
    const profiled = profiler.profile();
    const { profile } = world.drawDay(index).inputs;
    profile.columns.forEach(({ counts }, column) => {
      cells += profile.rowCount;
      for (let bin = 0; bin < counts.length; bin += 1)
        differing += Math.abs((counts[bin] ?? 0) - (profiled.columns[column]?.counts[bin] ?? 0)) / 2;
    });
  }
  return { cells, differing };
};

interface PlayedKind {
  readonly clean: NullResult;
  readonly planted: readonly PlantedResult[];
}

/** Clean years of one kind of world, and, where they are asked for, changes planted in the same worlds. */
const playKind = (
  plan: SimulationPlan,
  {
    kind,
    referenceDays,
    plants,
  }: Pick<NullResult, 'kind' | 'referenceDays'> & { readonly plants: readonly Planting[] },
): PlayedKind => {
  const { years, numbers, virtualYears, nowMs, onProgress } = plan;
  const clean: NullYear[] = [];
  const runs = plants.map((): PlantedRun[] => []);
  for (let year = 0; year < years; year += 1) {
    const service = watchService(worldOf(plan, kind, year), { referenceDays, virtualYears, nowMs });
    const played = playNullYear(`${year}`, service, numbers);
    clean.push(played);
    plants.forEach(({ plant }, i) => {
      runs[i]?.push(playPlanted(`${year}`, service, plant));
    });
    onProgress(
      `${kind}, reference of ${referenceDays} days: year ${year + 1} of ${years}, episodes ${played.episodes}`,
    );
  }
  const planted = plants.map(({ name, plant: { column, slice } }, i): PlantedResult => {
    const inSlice = slice === undefined ? {} : { slice: SLICES[slice] as string };
    return { kind, name, column, ...inSlice, runs: runs[i] ?? [] };
  });
  return { clean: { kind, referenceDays, years: clean }, planted };
};

const worldOf = ({ seed, numbers, categories }: SimulationPlan, kind: WorldKind, year: number): World =>
  createWorld(`${seed}/${year}`, { kind, numbers, categories, dayCount: REFERENCE_DAYS + YEAR_DAYS });

/** Clean years and planted changes, in worlds with and without day effects. */
export const simulateNullYear = (plan: SimulationPlan): NullYearSimulation => {
  const { seed, numbers, categories, shortReference, nowMs } = plan;
  const startMs = nowMs();
  const kinds = [
    { kind: 'independent', referenceDays: REFERENCE_DAYS, plants: PLANTS },
    { kind: 'days', referenceDays: REFERENCE_DAYS, plants: PLANTS },
    ...(shortReference ? [{ kind: 'days', referenceDays: SHORT_REFERENCE_DAYS, plants: [] } as const] : []),
  ] as const;
  const played = kinds.map((one) => playKind(plan, one));
  return {
    seed,
    columnCount: numbers + categories,
    nulls: played.map(({ clean }) => clean),
    planted: played.flatMap(({ planted }) => planted),
    samePath: compareWithProfiler(worldOf(plan, 'days', 0), 3),
    wallSeconds: Math.round((nowMs() - startMs) / 1_000),
  };
};
