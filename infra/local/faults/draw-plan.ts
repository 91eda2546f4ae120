import type { CallFault, DeliveryFault, JobFault } from '../contracts.ts';
import type { PlannedFault } from './fault-plan.ts';
import type { SiteCounts } from './survey.ts';

/**
 * Draws what goes wrong in a run. Some faults aim at sites whose turn it is, so that a row of seeds comes to every
 * site; the others fall anywhere.
 */

/** Machines of a cloud keep their time by NTP: a second is far more than they are ever off. */
export const MAX_SKEW_MS = 1_000;
/** Eventual consistency is "usually within one second or less" (DynamoDB developer guide, read consistency). */
export const MAX_STALE_MS = 5_000;
/** An SDK's own retries end at three tries; a fault that outlasts them reaches the code above. */
export const OUTLASTS_THE_SDK = 3;
/** A fault strikes in the first part of a site's visits: a run that was disturbed may come there less often. */
const EARLY_PART = 0.6;

/** A job is struck in its first minutes. */
const LATEST_IN_JOB_MS = 120_000;

/** Chance of each kind of call fault, of 100. */
const CALL_FAULTS: readonly (readonly [share: number, draw: (random: () => number) => CallFault])[] = [
  [20, () => ({ kind: 'throttle' })],
  [15, () => ({ kind: 'server-error' })],
  [25, () => ({ kind: 'lost-answer' })],
  [14, (random) => ({ kind: 'slow', delayMs: 100 + Math.floor(random() * 4_900) })],
  [13, () => ({ kind: 'kill-before' })],
  [13, () => ({ kind: 'kill-after' })],
];

/** A service that calls by a role does not die of it. */
const SERVICE_CALL_FAULTS: typeof CALL_FAULTS = [
  [30, () => ({ kind: 'throttle' })],
  [30, () => ({ kind: 'server-error' })],
  [40, () => ({ kind: 'lost-answer' })],
];

/** Functions are named in kebab-case, roles by which services call as the template names them: `ApprovalRole`. */
const isFunction = (site: string): boolean => /^[a-z]/.test(site);

const DELIVERY_FAULTS: readonly (readonly [share: number, draw: (random: () => number) => DeliveryFault])[] = [
  [40, () => ({ kind: 'duplicate' })],
  [40, (random) => ({ kind: 'delay', delayMs: 1_000 + Math.floor(random() * 299_000) })],
  [20, () => ({ kind: 'reject' })],
];

const JOB_FAULTS: readonly (readonly [share: number, draw: (random: () => number) => JobFault])[] = [
  [50, (random) => ({ kind: 'kill', afterMs: Math.floor(random() * LATEST_IN_JOB_MS) })],
  [50, (random) => ({ kind: 'spot-interruption', afterMs: Math.floor(random() * LATEST_IN_JOB_MS) })],
];

const drawByShare = <T>(
  options: readonly (readonly [share: number, draw: (random: () => number) => T])[],
  random: () => number,
): T => {
  let left = random() * 100;
  for (const [share, draw] of options) {
    left -= share;
    if (left < 0) return draw(random);
  }
  throw new Error('the shares of faults must add up to 100');
};

/** What goes wrong at a call site: a service that calls by a role does not die of it. */
export const drawCallFault = (site: string, random: () => number): CallFault =>
  drawByShare(isFunction(site) ? CALL_FAULTS : SERVICE_CALL_FAULTS, random);

export const drawDeliveryFault = (random: () => number): DeliveryFault => drawByShare(DELIVERY_FAULTS, random);

export interface PlanRequest {
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number;
  /** What this kind of run comes to without faults. */
  readonly counts: SiteCounts;
  /** Call sites whose turn it is. */
  readonly targets: readonly string[];
}

/**
 * One fault at each target, then up to: three call faults, three delivery faults, two stale reads, one job fault in
 * two of three runs that have jobs, and a skewed clock in every fifth function.
 */
export const drawPlan = ({ random, counts, targets }: PlanRequest): readonly PlannedFault[] => {
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const pick = (sites: Readonly<Record<string, number>>): string | undefined => {
    const names = Object.keys(sites);
    return names[Math.floor(random() * names.length)];
  };
  const visitOf = (visits: number): number => 1 + Math.floor(random() * Math.ceil(visits * EARLY_PART));
  const several = (most: number, draw: () => PlannedFault | undefined): readonly PlannedFault[] =>
    Array.from({ length: upTo(most) }, draw).filter((planned) => planned !== undefined);

  const callFault = (site: string): PlannedFault => {
    const fault = drawCallFault(site, random);
    const visit = visitOf(counts.calls[site] ?? 1);
    const repeats = fault.kind === 'throttle' || fault.kind === 'server-error' || fault.kind === 'lost-answer';
    const times = repeats && random() < 0.5 ? OUTLASTS_THE_SDK : 1;
    return { kind: 'call', site, visit, times, fault };
  };
  const deliveryFault = (): PlannedFault | undefined => {
    const site = pick(counts.deliveries);
    if (site === undefined) return undefined;
    const visit = visitOf(counts.deliveries[site] ?? 1);
    return { kind: 'delivery', site, visit, fault: drawDeliveryFault(random) };
  };
  const staleRead = (): PlannedFault | undefined => {
    const site = pick(counts.reads);
    if (site === undefined) return undefined;
    const visit = visitOf(counts.reads[site] ?? 1);
    return { kind: 'read', site, visit, staleMs: 1 + Math.floor(random() * MAX_STALE_MS) };
  };
  const jobFault = (): readonly PlannedFault[] => {
    const site = pick(counts.jobs);
    if (site === undefined || random() >= 2 / 3) return [];
    return [{ kind: 'job', site, visit: visitOf(counts.jobs[site] ?? 1), fault: drawByShare(JOB_FAULTS, random) }];
  };
  const skews = (): readonly PlannedFault[] =>
    Object.keys(counts.clocks)
      .filter(() => random() < 0.2)
      .map((site) => ({ kind: 'clock', site, skewMs: Math.round((2 * random() - 1) * MAX_SKEW_MS) }));

  const anyCall = (): PlannedFault | undefined => {
    const site = pick(counts.calls);
    return site === undefined ? undefined : callFault(site);
  };
  return [
    ...targets.map(callFault),
    ...several(3, anyCall),
    ...several(3, deliveryFault),
    ...several(2, staleRead),
    ...jobFault(),
    ...skews(),
  ];
};
