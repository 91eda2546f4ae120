import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { PlannedFault } from '../faults/fault-plan.ts';
import type { SiteCounts } from '../faults/survey.ts';
import type { Breach } from './check-invariants.ts';
import type { Assemblies } from './prepare-assemblies.ts';
import type { SeedResult } from './run-seed.ts';
import { type ScenarioName, scenarioOf } from './scenarios.ts';
import type { WorkerTask } from './worker.ts';

/** Processes that play runs side by side: one run is one thread's work. */
export interface Pool {
  /** A run that does not end, or takes its process with it, is a breach like any other. */
  runSeed(seed: number, plan: readonly PlannedFault[]): Promise<SeedResult>;
  survey(scenario: ScenarioName): Promise<{ readonly counts: SiteCounts; readonly breaches: readonly Breach[] }>;
  close(): void;
}

const WORKER = join(import.meta.dirname, 'worker.ts');
/** A run takes a few seconds: one that takes so long goes round in a circle. */
const LONGEST_RUN_MS = 180_000;

interface Message {
  readonly ready?: true;
  readonly result?: unknown;
  readonly error?: string;
}

/** One process; `ask` gives it one task at a time. */
const startWorker = (assemblies: Assemblies) => {
  const stage = { assemblies: assemblies.byModels, revisedAssemblyFolder: assemblies.revised };
  const child: ChildProcess = fork(WORKER, [JSON.stringify(stage)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    printed = `${printed}${chunk.toString('utf8')}`.slice(-2_000);
  });
  const answer = (limitMs: number): Promise<Message> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => end({ error: `the run did not end within ${limitMs / 1_000} s` }), limitMs);
      const onMessage = (message: unknown): void => end(message as Message);
      const onExit = (code: number | null): void => end({ error: `the process ended with ${code}: ${printed}` });
      const end = (message: Message): void => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(message);
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  const ready = answer(LONGEST_RUN_MS);
  return {
    async ask(task: WorkerTask): Promise<Message> {
      const begun = await ready;
      if (begun.error !== undefined) return begun;
      const answered = answer(LONGEST_RUN_MS);
      child.send(task);
      return answered;
    },
    /** Kills by handle: a run that goes round in a circle hears nothing else. */
    kill: () => child.kill('SIGKILL'),
  };
};

type Worker = ReturnType<typeof startWorker>;

export const openPool = (assemblies: Assemblies, workerCount: number): Pool => {
  const all = new Set<Worker>();
  const start = (): Worker => {
    const worker = startWorker(assemblies);
    all.add(worker);
    return worker;
  };
  const idle: Worker[] = Array.from({ length: workerCount }, start);
  const waiting: ((worker: Worker) => void)[] = [];

  const give = (worker: Worker): void => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };

  const ask = async (task: WorkerTask): Promise<Message> => {
    const worker = idle.shift() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
    const message = await worker.ask(task);
    if (message.error === undefined) give(worker);
    else {
      worker.kill();
      all.delete(worker);
      give(start());
    }
    return message;
  };

  return {
    async runSeed(seed, plan) {
      const startedAt = performance.now();
      const { result, error } = await ask({ kind: 'seed', seed, plan });
      if (result !== undefined) return result as SeedResult;
      const breaches = [{ invariant: 'a run ends', what: error ?? 'no answer' }];
      const wallMs = performance.now() - startedAt;
      return { seed, scenario: scenarioOf(seed), plan, injected: [], breaches, wallMs };
    },
    async survey(scenario) {
      const { result, error } = await ask({ kind: 'survey', scenario });
      if (result === undefined) throw new Error(`the survey of ${scenario} failed: ${error}`);
      return result as Awaited<ReturnType<Pool['survey']>>;
    },
    close: () => {
      for (const worker of all) worker.kill();
    },
  };
};
