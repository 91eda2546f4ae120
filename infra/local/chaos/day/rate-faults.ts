import {
  drawCallFault,
  drawDeliveryFault,
  MAX_SKEW_MS,
  MAX_STALE_MS,
  OUTLASTS_THE_SDK,
} from '../../faults/draw-plan.ts';
import { faultWord, type PlannedFault } from '../../faults/fault-plan.ts';
import type { InjectedFault, PlannedFaults } from '../../faults/planned-faults.ts';
import { createVisits } from '../../faults/visits.ts';

/** Faults that fall all day long. */
export interface RateFaults extends PlannedFaults {
  /** What struck, as a plan under which the same run can be played again. */
  readonly plan: () => readonly PlannedFault[];
}

type Struck = Extract<PlannedFault, { readonly kind: 'call' | 'delivery' | 'read' | 'clock' }>;

/** Of the faults that the SDK's own retries could mend. */
const OUTLASTING_SHARE = 0.5;
/** Of functions. */
const SKEWED_SHARE = 0.2;

/**
 * Lets each call of a function or a service, each delivery and each eventually consistent read fail with a stated
 * chance. Nothing has to be known of the run beforehand, and what struck is a plan.
 * @param random uniform in [0, 1), seeded.
 * @param chance of each, in [0, 1].
 */
export const createRateFaults = (random: () => number, chance: number): RateFaults => {
  const visits = createVisits();
  const struck: Struck[] = [];
  const standing = new Map<string, Extract<PlannedFault, { readonly kind: 'call' }>>();
  const skews = new Map<string, number>();
  let ceased = false;

  const strikes = (): boolean => !ceased && random() < chance;
  const strike = <T extends Struck>(planned: T): T => {
    struck.push(planned);
    return planned;
  };

  return {
    call(site) {
      if (site.origin === 'client') return undefined;
      const { site: place, visit, attempt } = visits.call(site);
      const key = `${place} ${visit}`;
      if (attempt > 1) {
        const planned = standing.get(key);
        return planned !== undefined && attempt <= planned.times && !ceased ? planned.fault : undefined;
      }
      if (!strikes()) return undefined;
      const fault = drawCallFault(place, random);
      const mends = fault.kind === 'throttle' || fault.kind === 'server-error' || fault.kind === 'lost-answer';
      const times = mends && random() < OUTLASTING_SHARE ? OUTLASTS_THE_SDK : 1;
      const planned = strike({ kind: 'call', site: place, visit, times, fault });
      standing.set(key, planned);
      return fault;
    },
    delivery(site) {
      const { site: place, visit } = visits.delivery(site);
      return strikes()
        ? strike({ kind: 'delivery', site: place, visit, fault: drawDeliveryFault(random) }).fault
        : undefined;
    },
    job: () => undefined,
    staleMs(site) {
      const { site: place, visit } = visits.read(site);
      const staleMs = 1 + Math.floor(random() * MAX_STALE_MS);
      return strikes() ? strike({ kind: 'read', site: place, visit, staleMs }).staleMs : 0;
    },
    clockSkewMs(functionName) {
      const { site } = visits.clock(functionName);
      if (!skews.has(site)) {
        const skewMs = random() < SKEWED_SHARE ? Math.round((2 * random() - 1) * MAX_SKEW_MS) : 0;
        skews.set(site, skewMs);
        if (skewMs !== 0) strike({ kind: 'clock', site, skewMs });
      }
      return ceased ? 0 : (skews.get(site) ?? 0);
    },
    plan: () => struck,
    injected: (): readonly InjectedFault[] =>
      struck.map((planned) => ({ word: faultWord(planned), site: planned.site })),
    cease: () => {
      ceased = true;
    },
  };
};
