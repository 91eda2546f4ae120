import { HOUR_MS } from '../../../shared/kernel/time.ts';
import type { FaultSource } from '../contracts.ts';
import type { ChaosFacts } from './facts.ts';
import { gatherFacts } from './gather-facts.ts';
import { createOperator } from './operator.ts';
import { SCENARIOS, SCENE_BEGINS_MS, type Scenario, type ScenarioName } from './scenarios.ts';
import { openSession } from './session.ts';
import type { ToyRows } from './toy-rows.ts';
import { createTraffic } from './traffic.ts';

/** After the last fault: retries of EventBridge and Scheduler, the waits of a rollout and the reconciler come through. */
const QUIET_MS = 6 * HOUR_MS;

/** What every run of a process shares. */
export interface Stage {
  /** The synthesised app, by the folder of its models. */
  readonly assemblies: Readonly<Partial<Record<Scenario['models'], string>>>;
  /** `uploads` with another code of its inference function. */
  readonly revisedAssemblyFolder: string;
  readonly rows: ToyRows;
}

export interface PlayRequest {
  readonly stage: Stage;
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly faults: FaultSource;
  /** Called when the scenario is over and the quiet time begins. */
  readonly onQuiet?: () => void;
  readonly onEvent?: (line: string) => void;
}

/** Plays one scenario on a new cloud, lets everything come to rest, and gathers what stands then. */
export const play = async ({ stage, scenario, seed, faults, onQuiet, onEvent }: PlayRequest): Promise<ChaosFacts> => {
  const { assemblies, revisedAssemblyFolder, rows } = stage;
  const { models, model, serves, play: tell } = SCENARIOS[scenario];
  const assemblyFolder = assemblies[models];
  if (assemblyFolder === undefined) throw new Error(`the stage has no assembly of the models ${models}`);
  const session = await openSession({
    seed,
    assemblyFolder,
    startMs: SCENE_BEGINS_MS,
    faults,
    ...(onEvent ? { onEvent } : {}),
  });
  try {
    const traffic = createTraffic(session);
    const operator = createOperator(session);
    await tell({ session, operator, traffic, rows, revisedAssemblyFolder });
    onQuiet?.();
    await session.cloud.clock.advanceBy(QUIET_MS);
    return await gatherFacts(session, traffic.answered, { name: model, expectedVersion: serves });
  } finally {
    await session.close();
  }
};
