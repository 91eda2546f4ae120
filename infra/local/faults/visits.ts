import type { CallSite, DeliverySite, JobSite, ReadSite } from '../contracts.ts';
import { callKey, deliveryKey, jobKey, readKey, shortName } from './site-keys.ts';

export interface Visit {
  readonly site: string;
  /** From 1 over the run. */
  readonly visit: number;
  /** From 1; above 1 for what the SDK tries again by itself. Calls only. */
  readonly attempt: number;
}

/** Counts how often a run comes to each site. A call that the SDK tries again is one visit. */
export interface Visits {
  call(site: CallSite): Visit;
  delivery(site: DeliverySite): Visit;
  job(site: JobSite): Visit;
  read(site: ReadSite): Visit;
  clock(functionName: string): Visit;
}

type Tally = Map<string, number>;

const next = (tally: Tally, key: string): number => {
  const count = (tally.get(key) ?? 0) + 1;
  tally.set(key, count);
  return count;
};

export const createVisits = (): Visits => {
  const seen: Tally = new Map();
  const occurrences: Tally = new Map();
  const standing = new Map<string, { readonly visit: Visit; tries: number }>();

  const visit = (kind: string, site: string): Visit => ({ site, visit: next(seen, `${kind} ${site}`), attempt: 1 });
  const firstTry = (site: CallSite): Visit => {
    const { caller, invocationId, service, operation } = site;
    // A service has no invocations: each of its calls stands for itself.
    const occurrence = invocationId ? next(occurrences, `${caller} ${invocationId} ${service}:${operation}`) : 1;
    return visit('call', callKey(site, occurrence));
  };
  return {
    call(site) {
      const { callId } = site;
      const tried = callId === undefined ? undefined : standing.get(callId);
      if (tried) {
        tried.tries += 1;
        return { ...tried.visit, attempt: tried.tries };
      }
      const first = firstTry(site);
      if (callId !== undefined) standing.set(callId, { visit: first, tries: 1 });
      return first;
    },
    delivery: (site) => visit('delivery', deliveryKey(site)),
    job: (site) => visit('job', jobKey(site)),
    read: (site) => visit('read', readKey(site)),
    clock: (functionName) => visit('clock', shortName(functionName)),
  };
};
