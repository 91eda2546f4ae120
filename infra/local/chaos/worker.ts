import type { PlannedFault } from '../faults/fault-plan.ts';
import { createSurvey } from '../faults/survey.ts';
import { checkInvariants } from './check-invariants.ts';
import { play, type Stage } from './play.ts';
import { runSeed } from './run-seed.ts';
import type { ScenarioName } from './scenarios.ts';
import { makeToyRows } from './toy-rows.ts';

/** A process that plays runs, one after the other, as its parent asks: `pool.ts`. */
export type WorkerTask =
  | { readonly kind: 'seed'; readonly seed: number; readonly plan: readonly PlannedFault[] }
  | { readonly kind: 'survey'; readonly scenario: ScenarioName };

const { assemblies, revisedAssemblyFolder } = JSON.parse(process.argv[2] ?? '{}') as Omit<Stage, 'rows'>;
const stage: Stage = { assemblies, revisedAssemblyFolder, rows: await makeToyRows() };

const carryOut = async (task: WorkerTask): Promise<unknown> => {
  if (task.kind === 'seed') return runSeed(stage, task.seed, task.plan);
  const survey = createSurvey();
  const facts = await play({ stage, scenario: task.scenario, seed: 0, faults: survey });
  return { counts: survey.counts(), breaches: checkInvariants(facts) };
};

process.on('message', (task: WorkerTask) => {
  void carryOut(task).then(
    (result) => process.send?.({ result }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// Nobody waits for a run any more when the parent is gone.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
