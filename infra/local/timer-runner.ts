import type { TimerHandle } from './contracts.ts';
import type { Holds } from './holds.ts';
import type { SharedTime } from './shared-time.ts';
import { createTimerQueue, type Timer } from './timer-queue.ts';

/** Starts timers when they are due, each under a hold, and wakes up for the next one while time flows. */
export interface TimerRunner {
  at(atMs: number, label: string, task: () => void | Promise<void>): TimerHandle;
  /** Looks at the time again: call after it moved or began to flow. */
  wake(): void;
  /** Whether a due timer has not been started yet. */
  busy(): boolean;
  nextTimerMs(): number | undefined;
  stop(): void;
  readonly stopped: () => boolean;
}

interface Parts {
  readonly time: SharedTime;
  readonly holds: Holds;
  readonly onTaskError: (label: string, error: unknown) => void;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const runTimer = ({ label, task }: Timer, { holds, onTaskError }: Parts): void => {
  const release = holds.hold(label);
  const fail = (error: unknown): void => onTaskError(label, error);
  try {
    const outcome = task();
    if (outcome instanceof Promise) void outcome.catch(fail).finally(release);
    else release();
  } catch (error) {
    fail(error);
    release();
  }
};

export const createTimerRunner = (parts: Parts): TimerRunner => {
  const { time } = parts;
  const queue = createTimerQueue();
  let wakeUp: NodeJS.Timeout | undefined;
  let pumpPending = false;
  let stopped = false;

  const isDue = (timer: Timer): boolean => timer.atMs <= time.nowMs();
  const nextDue = (): Timer | undefined => {
    const next = queue.peek();
    return next !== undefined && isDue(next) ? next : undefined;
  };

  const runDue = (): void => {
    pumpPending = false;
    // Tasks are started in order and not awaited: one may wait for what the next one brings about.
    for (let next = nextDue(); !stopped && next !== undefined; next = nextDue()) {
      queue.pop();
      runTimer(next, parts);
    }
    wake();
  };

  const pump = (): void => {
    if (pumpPending || stopped) return;
    pumpPending = true;
    setImmediate(runDue);
  };

  const wake = (): void => {
    clearTimeout(wakeUp);
    const next = queue.peek();
    if (next === undefined || stopped) return;
    if (isDue(next)) pump();
    else if (time.flowing()) wakeUp = setTimeout(pump, Math.min(next.atMs - time.nowMs(), LONGEST_TIMEOUT_MS));
  };

  return {
    at: (atMs, label, task) => {
      if (!Number.isFinite(atMs)) throw new Error(`timer ${label} must have a finite instant, got ${atMs}`);
      const timer = queue.push({ atMs, label, task });
      if (queue.peek() === timer) wake();
      return { cancel: () => queue.cancel(timer) };
    },
    wake,
    busy: () => pumpPending || nextDue() !== undefined,
    nextTimerMs: () => queue.peek()?.atMs,
    stop: () => {
      stopped = true;
      clearTimeout(wakeUp);
      queue.clear();
    },
    stopped: () => stopped,
  };
};
