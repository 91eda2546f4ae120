import type { ExecutionFact, Observer } from './observer.ts';
import type { Progress } from './progress.ts';

/** Workflows whose states are shown as they are entered. */
const SHOWN = /^(train-|canary-rollout)/;
/** Choices, and the looks at a canary, of which there are hundreds: what follows from one is shown. */
const UNTOLD = /\?$|^(Wait for the next look|Judge canary)$/;
const POLL_MS = 1_000;
const TRAINING = /^train-/;

/** What a training says at its end. */
interface TrainingOutput {
  readonly passed?: boolean;
  readonly outcome?: string;
}

/** Why a training that ended well made no version. */
const tellRefusal = ({ passed, outcome = 'no reason is on record' }: TrainingOutput): string | undefined =>
  passed === false ? `no version: ${outcome}` : undefined;

/**
 * Shows executions as they happen: each state of trainings and rollouts when it is entered, how each execution ended,
 * and why a training made no version. Polls the public API in real time, beside whatever drives the clock.
 */
export const watchExecutions = (
  observer: Pick<Observer, 'executions' | 'enteredStates' | 'executionOutput'>,
  progress: Pick<Progress, 'fact'>,
) => {
  const shownStates = new Map<string, number>();
  const ended = new Set<string>();
  let stopped = false;

  const showExecution = async ({ arn, workflow, status, stoppedAtMs = 0 }: ExecutionFact): Promise<void> => {
    const states = await observer.enteredStates(arn);
    const fresh = states.slice(shownStates.get(arn) ?? 0).filter(({ name }) => !UNTOLD.test(name));
    shownStates.set(arn, states.length);
    const [first] = fresh;
    if (first) progress.fact(first.atMs, `${workflow}: ${fresh.map(({ name }) => name).join(' → ')}`);
    if (status === 'RUNNING') return;
    ended.add(arn);
    if (status !== 'SUCCEEDED') return progress.fact(stoppedAtMs, `${workflow}: ${status}`);
    if (!TRAINING.test(workflow)) return;
    const refusal = tellRefusal(((await observer.executionOutput(arn)) ?? {}) as TrainingOutput);
    if (refusal !== undefined) progress.fact(stoppedAtMs, `${workflow}: ${refusal}`);
  };
  const show = async (): Promise<void> => {
    for (const execution of await observer.executions(SHOWN)) {
      if (!ended.has(execution.arn)) await showExecution(execution);
    }
  };
  const loop = async (): Promise<void> => {
    // What ended before this start was told then.
    for (const { arn, status } of await observer.executions(SHOWN)) if (status !== 'RUNNING') ended.add(arn);
    while (!stopped) {
      await show();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const running = loop();
  // Its failure is met by `stop`; when the story is interrupted, nobody calls that any more.
  running.catch(() => undefined);
  return {
    /** Shows what is left and stops. */
    async stop(): Promise<void> {
      stopped = true;
      await running;
      await show();
    },
  };
};
