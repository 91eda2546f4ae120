import type { Holds } from '../holds.ts';
import type { SharedTime } from '../shared-time.ts';
import { createTimerQueue, type Timer } from '../timer-queue.ts';
import type { TimerRunner } from '../timer-runner.ts';
import type { Scheduler } from './scheduler.ts';

interface Parts {
  readonly time: SharedTime;
  readonly holds: Holds;
  readonly scheduler: Scheduler;
  readonly onTaskError: (label: string, error: unknown) => void;
}

/** Timers of a simulation: those that are due take their turn among everything else, in their own order. */
export const createSimulatedTimers = ({ time, holds, scheduler, onTaskError }: Parts): TimerRunner => {
  const queue = createTimerQueue();
  let announced = false;
  let stopped = false;

  const nextDue = (): Timer | undefined => {
    const next = queue.peek();
    return next !== undefined && next.atMs <= time.nowMs() ? next : undefined;
  };

  const runOne = (): void => {
    announced = false;
    const timer = stopped ? undefined : nextDue();
    if (timer === undefined) return;
    queue.pop();
    wake();
    const fail = (error: unknown): void => onTaskError(timer.label, error);
    void holds.during(timer.label, async () => timer.task()).catch(fail);
  };

  const wake = (): void => {
    const next = nextDue();
    if (announced || stopped || next === undefined) return;
    announced = true;
    scheduler.add(() => `timer ${nextDue()?.label ?? '(cancelled)'}`, runOne);
  };

  return {
    at: (atMs, label, task) => {
      if (!Number.isFinite(atMs)) throw new Error(`timer ${label} must have a finite instant, got ${atMs}`);
      const timer = queue.push({ atMs, label, task });
      wake();
      return { cancel: () => queue.cancel(timer) };
    },
    wake,
    busy: () => announced,
    nextTimerMs: () => queue.peek()?.atMs,
    stop: () => {
      stopped = true;
      queue.clear();
    },
    stopped: () => stopped,
  };
};
