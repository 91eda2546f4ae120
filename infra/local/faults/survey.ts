import type { FaultSource } from '../contracts.ts';
import { createVisits, type Visit } from './visits.ts';

/** Where something may go wrong in one kind of run: site → how often a run without faults comes to it. */
export interface SiteCounts {
  readonly calls: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<string, number>>;
  readonly jobs: Readonly<Record<string, number>>;
  readonly reads: Readonly<Record<string, number>>;
  /** Functions that ran, by the environments that they started. */
  readonly clocks: Readonly<Record<string, number>>;
}

/** Injects nothing and counts everything. Calls of clients are no sites: nobody answers for a person's network. */
export interface Survey extends FaultSource {
  readonly counts: () => SiteCounts;
}

const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));

export const createSurvey = (): Survey => {
  const visits = createVisits();
  const counts = {
    calls: new Map<string, number>(),
    deliveries: new Map<string, number>(),
    jobs: new Map<string, number>(),
    reads: new Map<string, number>(),
    clocks: new Map<string, number>(),
  };
  const note = (kind: keyof typeof counts, { site, visit }: Visit): undefined => {
    counts[kind].set(site, visit);
  };
  return {
    call: (site) => (site.origin === 'client' ? undefined : note('calls', visits.call(site))),
    delivery: (site) => note('deliveries', visits.delivery(site)),
    job: (site) => note('jobs', visits.job(site)),
    staleMs: (site) => note('reads', visits.read(site)) ?? 0,
    clockSkewMs: (functionName) => note('clocks', visits.clock(functionName)) ?? 0,
    counts: () => ({
      calls: sorted(counts.calls),
      deliveries: sorted(counts.deliveries),
      jobs: sorted(counts.jobs),
      reads: sorted(counts.reads),
      clocks: sorted(counts.clocks),
    }),
  };
};
