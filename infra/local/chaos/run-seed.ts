import { drawPlan } from '../faults/draw-plan.ts';
import type { PlannedFault } from '../faults/fault-plan.ts';
import { createPlannedFaults, type InjectedFault } from '../faults/planned-faults.ts';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import type { CallSites } from './call-sites.ts';
import { targetsOf } from './call-sites.ts';
import { type Breach, checkInvariants } from './check-invariants.ts';
import { play, type Stage } from './play.ts';
import { type ScenarioName, scenarioOf } from './scenarios.ts';

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly plan: readonly PlannedFault[];
  /** Faults of the plan that struck. */
  readonly injected: readonly InjectedFault[];
  readonly breaches: readonly Breach[];
  readonly wallMs: number;
}

/** The plan of a seed: a function of the seed and of the sites. */
export const planOf = (seed: number, sites: CallSites): readonly PlannedFault[] => {
  const scenario = scenarioOf(seed);
  const random = createSeededRandom(`chaos/${seed}`).fraction;
  return drawPlan({ random, counts: sites[scenario], targets: targetsOf(seed, sites) });
};

/** What ended a run before its scenario was over: a person could not go on, or the cloud refused something. */
const asBreach = (error: unknown): Breach => ({
  invariant: 'the scenario can be played to its end',
  what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

/** Plays a seed's scenario under a plan and judges what it left. The same seed and plan give the same result. */
export const runSeed = async (
  stage: Stage,
  seed: number,
  plan: readonly PlannedFault[],
  onEvent?: (line: string) => void,
): Promise<SeedResult> => {
  const startedAt = performance.now();
  const scenario = scenarioOf(seed);
  const faults = createPlannedFaults(plan);
  const request = { stage, scenario, seed, faults, onQuiet: faults.cease, ...(onEvent ? { onEvent } : {}) };
  const breaches = await play(request).then(checkInvariants, (error: unknown) => [asBreach(error)]);
  return { seed, scenario, plan, injected: faults.injected(), breaches, wallMs: performance.now() - startedAt };
};
