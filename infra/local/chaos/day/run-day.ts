import { DAY_MS, HOUR_MS } from '../../../../shared/kernel/time.ts';
import type { FaultSource } from '../../contracts.ts';
import type { PlannedFault } from '../../faults/fault-plan.ts';
import { createPlannedFaults, type InjectedFault } from '../../faults/planned-faults.ts';
import { createSeededRandom } from '../../simulation/seeded-random.ts';
import { createOperator } from '../operator.ts';
import { openSession } from '../session.ts';
import { ROWS_BEGIN_MS } from '../toy-rows.ts';
import { createCallers, PACES, type Paces } from './callers.ts';
import type { DayFacts } from './day-facts.ts';
import { DAY_INVARIANTS, type DayVerdict } from './day-invariants.ts';
import { gatherDay } from './gather-day.ts';
import { playDay } from './play-day.ts';
import { createRateFaults } from './rate-faults.ts';

/** What every day of a process shares. */
export interface DayStage {
  readonly assemblyFolder: string;
  /** The same with another code of the inference function. */
  readonly revisedAssemblyFolder: string;
}

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  /** @default PACES */
  readonly paces?: Paces;
  /** Replaces the faults that the seed draws. */
  readonly plan?: readonly PlannedFault[];
  /** Chance of a fault at each call, in [0, 1]. @default FAULT_CHANCE */
  readonly faultChance?: number;
  /** Told of everything that happens. */
  readonly onEvent?: (line: string) => void;
}

/** What came of one day. */
export interface DayResult {
  readonly seed: number;
  readonly hours: number;
  readonly plan: readonly PlannedFault[];
  readonly injected: readonly InjectedFault[];
  readonly claims: readonly (DayVerdict & { readonly name: string })[];
  readonly requestCount: number;
  readonly failedRequestCount: number;
  readonly wallMs: number;
}

/** Of every call, delivery and eventually consistent read. */
export const FAULT_CHANCE = 0.005;
/** A day ends at half past one, just before the metering of the day before, and some hours before its drift check. */
const ENDS_AT_MS = ROWS_BEGIN_MS + 10 * DAY_MS + 1.5 * HOUR_MS;
/** Retries, the waits of a rollout, the reconciler and the drift check come through. */
const QUIET_MS = 6 * HOUR_MS;

/** Lets no fault through while it is held. */
const holdable = (faults: FaultSource): FaultSource & { readonly hold: (held: boolean) => void } => {
  let held = false;
  // Visits are counted all the same: a plan is told by them.
  const unlessHeld = <T>(fault: T, none: T): T => (held ? none : fault);
  return {
    call: (site) => unlessHeld(faults.call(site), undefined),
    delivery: (site) => unlessHeld(faults.delivery(site), undefined),
    job: (site) => unlessHeld(faults.job(site), undefined),
    staleMs: (site) => unlessHeld(faults.staleMs(site), 0),
    clockSkewMs: (functionName) => faults.clockSkewMs(functionName),
    hold: (value) => {
      held = value;
    },
  };
};

/** Plays a day, lets it come to rest, and reads what it left behind. */
const playToRest = async (
  { assemblyFolder, revisedAssemblyFolder }: DayStage,
  { seed, hours, paces = PACES, onEvent }: DayOptions,
  faults: FaultSource & { readonly cease: () => void },
): Promise<DayFacts> => {
  const held = holdable(faults);
  const startMs = ENDS_AT_MS - hours * HOUR_MS;
  const session = await openSession({ seed, assemblyFolder, startMs, faults: held, ...(onEvent ? { onEvent } : {}) });
  try {
    const callers = createCallers(session, { random: createSeededRandom(`day/${seed}/callers`).fraction, paces });
    const operator = createOperator(session);
    const notes = await playDay({ session, operator, callers, revisedAssemblyFolder, hold: held.hold, hours });
    faults.cease();
    const { clock } = session.cloud;
    await clock.advanceBy(QUIET_MS);
    // What came after the metering of the day: counted twice at once, as a person in doubt and the schedule may.
    await Promise.all([operator.invoke('meter-usage', {}), operator.invoke('meter-usage', {})]);
    return await gatherDay(session, callers, notes);
  } finally {
    await session.close();
  }
};

/** The same options give the same result. */
export const runDay = async (stage: DayStage, options: DayOptions): Promise<DayResult> => {
  const startedAtMs = performance.now();
  const { seed, hours, plan, faultChance = FAULT_CHANCE } = options;
  const drawn =
    plan === undefined ? createRateFaults(createSeededRandom(`day/${seed}/faults`).fraction, faultChance) : undefined;
  const faults = drawn ?? createPlannedFaults(plan ?? []);
  const outcome = await playToRest(stage, options, faults).catch((error: unknown) => error);
  const facts = outcome instanceof Error ? undefined : (outcome as DayFacts);
  const claims =
    facts === undefined
      ? [{ name: 'the day can be played to its end', counted: 'nothing', breaches: [String((outcome as Error).stack)] }]
      : DAY_INVARIANTS.map(({ name, judge }) => ({ name, ...judge(facts) }));
  const requests = facts?.requests ?? [];
  return {
    seed,
    hours,
    plan: drawn?.plan() ?? plan ?? [],
    injected: faults.injected(),
    claims,
    requestCount: requests.length,
    failedRequestCount: requests.filter(({ status }) => status !== 200).length,
    wallMs: performance.now() - startedAtMs,
  };
};
