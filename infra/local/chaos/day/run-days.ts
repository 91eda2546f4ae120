import { describeFault, faultWord, type PlannedFault } from '../../faults/fault-plan.ts';
import type { Plant } from '../plants.ts';
import type { GivenBuild } from '../prepare-assemblies.ts';
import { shrink } from '../shrink.ts';
import type { Paces } from './callers.ts';
import { prepareDay } from './prepare-day.ts';
import { type DayResult, runDay } from './run-day.ts';

/** Days in a row, and how a person reads what came of them. */

export interface DaysOptions extends GivenBuild {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly hours: number;
  /** How far apart requests are. */
  readonly paces?: Paces;
  /** Chance of a fault at each call, in [0, 1]. */
  readonly faultChance?: number;
  /** Replaces the faults that the seed draws. */
  readonly plan?: readonly PlannedFault[];
  /** Bugs that are put into the functions. */
  readonly plants?: readonly Plant[];
  readonly shrink: boolean;
  readonly onProgress: (line: string) => void;
}

/** A day that broke a claim, with the part of its faults that was left of them. */
export interface FailedDay extends DayResult {
  readonly smallestPlan: readonly PlannedFault[];
}

export interface DaysReport {
  readonly days: readonly DayResult[];
  readonly failures: readonly FailedDay[];
  readonly wallSeconds: number;
}

/** A day takes a minute or two. */
const MOST_TRIES = 12;

const holds = ({ claims }: DayResult): boolean => claims.every(({ breaches }) => breaches.length === 0);

const countWords = (words: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const word of words.toSorted()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
};

/** What a day claims, line by line, with what each claim was counted on. */
export const describeDay = (day: DayResult): string => {
  const { seed, hours, requestCount, failedRequestCount, injected, claims, wallMs } = day;
  const asked = `${requestCount} requests, ${failedRequestCount} of them without an answer`;
  const struck = `${injected.length} faults struck (${countWords(injected.map(({ word }) => word)) || 'none'})`;
  return [
    `seed ${seed}: ${hours} virtual hours in ${(wallMs / 1_000).toFixed(0)} s: ${asked}; ${struck}`,
    ...claims.flatMap(({ name, counted, breaches }) => [
      `  ${breaches.length === 0 ? 'held' : 'NOT '} ${name}: ${counted}`,
      ...breaches.map((breach) => `         ${breach}`),
    ]),
  ].join('\n');
};

/** @param more options of the command, such as `--plan FILE`. */
export const describeFailedDay = (
  { seed, hours, plan, smallestPlan }: FailedDay,
  more: readonly string[] = [],
): string =>
  [
    `seed ${seed} failed under ${smallestPlan.length} of ${plan.length} faults:`,
    ...smallestPlan.map((planned) => `    ${describeFault(planned)}`),
    `  again: ${['npm run chaos -- --canary-day', `--seed ${seed} --hours ${hours}`, ...more].join(' ')}`,
  ].join('\n');

/** Plays days one after the other, each under the faults that its seed draws. */
export const runDays = async (options: DaysOptions): Promise<DaysReport> => {
  const { firstSeed, seedCount, plants = [], bundles, synthesise, onProgress } = options;
  const startedAtMs = performance.now();
  const stage = await prepareDay({ plants, bundles, synthesise });
  const days: DayResult[] = [];
  const failures: FailedDay[] = [];
  try {
    for (let seed = firstSeed; seed < firstSeed + seedCount; seed += 1) {
      const asked = { ...options, seed };
      const day = await runDay(stage, asked);
      onProgress(describeDay(day));
      days.push(day);
      if (holds(day)) continue;
      const fails = async (part: readonly PlannedFault[]) => !holds(await runDay(stage, { ...asked, plan: part }));
      const onSmaller = (part: readonly PlannedFault[]): void =>
        onProgress(`seed ${seed} fails under ${countWords(part.map(faultWord))}`);
      const smallestPlan = options.shrink
        ? await shrink(day.plan, fails, { onSmaller, mostTries: MOST_TRIES })
        : day.plan;
      failures.push({ ...day, smallestPlan });
    }
  } finally {
    await stage.remove();
  }
  return { days, failures, wallSeconds: Math.round((performance.now() - startedAtMs) / 100) / 10 };
};
