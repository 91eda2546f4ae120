import type { FaultSource } from '../contracts.ts';
import { faultWord, type PlannedFault } from './fault-plan.ts';
import { createVisits, type Visit } from './visits.ts';

/** A fault that struck. */
export interface InjectedFault {
  readonly word: string;
  readonly site: string;
}

/** Carries a plan out and remembers what of it struck. */
export interface PlannedFaults extends FaultSource {
  readonly injected: () => readonly InjectedFault[];
  /** From here on nothing goes wrong any more: what then does not recover never will. */
  cease(): void;
}

type Of<K extends PlannedFault['kind']> = Extract<PlannedFault, { readonly kind: K }>;

const ofKind = <K extends PlannedFault['kind']>(plan: readonly PlannedFault[], kind: K): readonly Of<K>[] =>
  plan.filter((planned): planned is Of<K> => planned.kind === kind);

export const createPlannedFaults = (plan: readonly PlannedFault[]): PlannedFaults => {
  const visits = createVisits();
  const injected: InjectedFault[] = [];
  const skewed = new Set<string>();
  const calls = ofKind(plan, 'call');
  const deliveries = ofKind(plan, 'delivery');
  const jobs = ofKind(plan, 'job');
  const reads = ofKind(plan, 'read');
  const clocks = ofKind(plan, 'clock');
  let ceased = false;

  const strike = <T extends PlannedFault>(planned: T | undefined): T | undefined => {
    if (planned === undefined || ceased) return undefined;
    injected.push({ word: faultWord(planned), site: planned.site });
    return planned;
  };
  const at =
    ({ site, visit }: Visit) =>
    (planned: { readonly site: string; readonly visit: number }): boolean =>
      planned.site === site && planned.visit === visit;

  return {
    call(site) {
      const here = visits.call(site);
      const isHere = at(here);
      // Only a function has an environment that can die.
      const kills = site.origin === 'function';
      const planned = calls.find(
        (one) => isHere(one) && here.attempt <= one.times && (kills || !one.fault.kind.startsWith('kill')),
      );
      return strike(planned)?.fault;
    },
    delivery: (site) => strike(deliveries.find(at(visits.delivery(site))))?.fault,
    job: (site) => strike(jobs.find(at(visits.job(site))))?.fault,
    staleMs: (site) => strike(reads.find(at(visits.read(site))))?.staleMs ?? 0,
    clockSkewMs(functionName) {
      const { site } = visits.clock(functionName);
      const planned = clocks.find((one) => one.site === site);
      if (planned === undefined || ceased) return 0;
      if (!skewed.has(site)) strike(planned);
      skewed.add(site);
      return planned.skewMs;
    },
    injected: () => injected,
    cease: () => {
      ceased = true;
    },
  };
};
