import { describeFault, type PlannedFault } from '../faults/fault-plan.ts';
import { allCallSites, type CallSites } from './call-sites.ts';
import type { Breach } from './check-invariants.ts';
import type { SeedResult } from './run-seed.ts';

/** A seed that failed, and what is left of its plan when everything that does not matter is taken away. */
export interface Failure {
  readonly seed: number;
  readonly scenario: string;
  readonly breaches: readonly Breach[];
  readonly plan: readonly PlannedFault[];
  readonly smallestPlan?: readonly PlannedFault[];
}

export interface ChaosReport {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly wallSeconds: number;
  readonly workerCount: number;
  readonly failures: readonly Failure[];
  readonly faults: {
    readonly planned: number;
    readonly injected: number;
    readonly byKind: Readonly<Record<string, number>>;
    /** Site → kind → how often. */
    readonly byPlace: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  readonly callSites: {
    readonly count: number;
    readonly hit: number;
    /** Call sites at which nothing ever went wrong. */
    readonly neverHit: readonly string[];
    /** Where the list of call sites on file is not what runs without faults and the roles say. */
    readonly unlisted: readonly string[];
  };
  readonly seeds: readonly {
    readonly seed: number;
    readonly scenario: string;
    readonly injected: number;
    readonly wallMs: number;
  }[];
}

const countBy = (words: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

export const reportOf = (
  results: readonly SeedResult[],
  failures: readonly Failure[],
  {
    sites,
    unlisted,
    wallMs,
    workerCount,
  }: {
    readonly sites: CallSites;
    readonly unlisted: readonly string[];
    readonly wallMs: number;
    readonly workerCount: number;
  },
): ChaosReport => {
  const injected = results.flatMap((result) => result.injected);
  const places = [...new Set(injected.map(({ site }) => site))].toSorted();
  const all = allCallSites(sites);
  const neverHit = all.filter((site) => !places.includes(site));
  const inOrder = results.toSorted((a, b) => a.seed - b.seed);
  return {
    firstSeed: inOrder[0]?.seed ?? 0,
    seedCount: results.length,
    wallSeconds: Math.round(wallMs / 100) / 10,
    workerCount,
    failures,
    faults: {
      planned: results.reduce((sum, { plan }) => sum + plan.length, 0),
      injected: injected.length,
      byKind: countBy(injected.map(({ word }) => word)),
      byPlace: Object.fromEntries(
        places.map((place) => [place, countBy(injected.filter(({ site }) => site === place).map(({ word }) => word))]),
      ),
    },
    callSites: { count: all.length, hit: all.length - neverHit.length, neverHit, unlisted },
    seeds: inOrder.map(({ seed, scenario, injected: struck, wallMs: took }) => ({
      seed,
      scenario,
      injected: struck.length,
      wallMs: Math.round(took),
    })),
  };
};

/**
 * A failed seed as a person reads it, with the command that plays it again.
 * @param more options of the command, such as `--plan FILE`.
 */
export const describeFailure = (
  { seed, scenario, breaches, plan, smallestPlan = plan }: Failure,
  more: readonly string[] = [],
): string =>
  [
    `seed ${seed} (${scenario}) failed:`,
    ...breaches.map(({ invariant, what }) => `  NOT: ${invariant}\n    ${what}`),
    `  under ${smallestPlan.length} of ${plan.length} planned faults:`,
    ...smallestPlan.map((planned) => `    ${describeFault(planned)}`),
    `  again: ${['npm run chaos --', `--seed ${seed}`, ...more].join(' ')}`,
  ].join('\n');
