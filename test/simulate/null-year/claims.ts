import type { NullResult, NullYearSimulation, PlantedResult } from './simulate-null-year.ts';

/** What the simulation is to show, and what it showed. */
export interface Claim {
  readonly name: string;
  readonly measured: string;
  readonly holds: boolean;
}

const MOST_MEAN = 1;
const MOST_IN_A_YEAR = 4;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export const kindName = (kind: NullResult['kind']): string =>
  kind === 'independent' ? 'independent rows' : 'day effects, weekdays, hours';

const nullClaims = ({ kind, referenceDays, years }: NullResult): readonly Claim[] => {
  const episodes = years.map((year) => year.episodes);
  const of = `${years.length} clean years, ${kindName(kind)}, reference of ${referenceDays} days`;
  return [
    {
      name: `${of}: false episodes a year, to be at most ${MOST_MEAN}`,
      measured: meanOf(episodes).toFixed(2),
      holds: meanOf(episodes) <= MOST_MEAN,
    },
    {
      name: `${of}: most in a year, to be at most ${MOST_IN_A_YEAR}`,
      measured: `${Math.max(...episodes)}`,
      holds: Math.max(...episodes) <= MOST_IN_A_YEAR,
    },
  ];
};

/** Checks until the alarm: median and worst of the seeds, in which one that was never found counts as infinite. */
export const daysToDetection = ({ runs }: PlantedResult): { readonly median: number; readonly worst: number } => {
  const days = runs.map((run) => run.days ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return {
    median: days[Math.floor((days.length - 1) / 2)] ?? Number.POSITIVE_INFINITY,
    worst: days.at(-1) ?? Number.POSITIVE_INFINITY,
  };
};

/** Of the columns that alarms named: the share that nothing was planted in, averaged over alarms. */
export const falseDiscoveries = (planted: readonly PlantedResult[]): number =>
  meanOf(
    planted.flatMap(({ column, runs }) =>
      runs
        .filter(({ days }) => days !== undefined)
        .map(({ named }) => named.filter((name) => name !== column).length / Math.max(1, named.length)),
    ),
  );

/** The share of alarms that name the planted column first. */
export const firstNamed = ({ column, runs }: PlantedResult): number => {
  const found = runs.filter(({ days }) => days !== undefined);
  return found.filter(({ named }) => named[0] === column).length / Math.max(1, found.length);
};

export const MOST_FALSE_DISCOVERIES = 0.1;

/** Every claim with what was measured, in the order of the report. */
export const claimsOf = ({ nulls, planted, samePath }: NullYearSimulation): readonly Claim[] => [
  ...nulls.flatMap(nullClaims),
  ...planted
    .filter(({ kind }) => kind === 'independent')
    .map((result): Claim => {
      const { median, worst } = daysToDetection(result);
      return {
        name: `${result.name}: found in every seed`,
        measured: `after ${median} days (median), ${worst} (worst)`,
        holds: Number.isFinite(worst),
      };
    }),
  {
    name: `columns named in alarms without a change: share, to be at most ${MOST_FALSE_DISCOVERIES}`,
    measured: falseDiscoveries(planted).toFixed(3),
    holds: falseDiscoveries(planted) <= MOST_FALSE_DISCOVERIES,
  },
  {
    name: 'rows through the profiler, counted as here: cells that differ, to be at most 1 in 10,000',
    measured: `${samePath.differing} of ${samePath.cells}`,
    holds: samePath.differing <= samePath.cells / 10_000,
  },
];
