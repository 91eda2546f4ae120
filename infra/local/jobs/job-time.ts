import { performance } from 'node:perf_hooks';
import type { LocalClock } from '../contracts.ts';
import type { LocalImage } from './local-images.ts';

/**
 * The time that a job lives in: a function of this process in virtual time, a child process in the machine's, since
 * the clock is held while it runs.
 */
export interface JobTime {
  readonly isVirtual: boolean;
  /** Milliseconds since the job began. */
  elapsedMs(): number;
  /** Runs `task` once. @returns what cancels it */
  after(ms: number, task: () => void): () => void;
}

/** Node's timers go no further. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const machineTime = (): JobTime => {
  const startedAt = performance.now();
  return {
    isVirtual: false,
    elapsedMs: () => performance.now() - startedAt,
    after: (ms, task) => {
      const timer = setTimeout(task, Math.max(0, Math.min(ms, LONGEST_TIMER_MS)));
      return () => clearTimeout(timer);
    },
  };
};

const virtualTime = (clock: LocalClock): JobTime => {
  const startedMs = clock.nowMs();
  return {
    isVirtual: true,
    elapsedMs: () => clock.nowMs() - startedMs,
    after: (ms, task) => {
      const timer = clock.at(clock.nowMs() + ms, 'job', task);
      return () => timer.cancel();
    },
  };
};

/** Begins a job's time. A job of several programs lives in virtual time if all of them are functions. */
export const beginJobTime = (clock: LocalClock, programs: readonly (LocalImage | undefined)[]): JobTime =>
  programs.every((program) => typeof program === 'function') ? virtualTime(clock) : machineTime();
