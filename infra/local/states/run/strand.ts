import type { LocalClock } from '../../contracts.ts';
import type { Cancelled } from '../failure.ts';

/** Settles a wait. Only the first call counts. */
interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * One thread of an execution: the top level, a branch, an iteration, an attempt of a task. While it can run it holds
 * the clock, so that virtual time cannot leap over work that is due now; while it waits for something that happens
 * later, it lets go.
 */
export interface Strand {
  /** @throws the reason once the strand was told to end. */
  check(): void;
  /**
   * Waits for what `register` sets up; `register` returns how to take it down again, which runs once whatever happens.
   * `keepsHold` for work that runs now (a function's invocation), instead of something that time will bring.
   */
  wait<T>(register: (settle: Settle<T>) => () => void, keepsHold?: boolean): Promise<T>;
  sleepUntil(atMs: number, label: string): Promise<void>;
  /** Work that is running: the clock stays held. A cancelled strand stops waiting for it. */
  work<T>(promise: Promise<T>): Promise<T>;
  /** Runs `body` on a strand of its own, which ends with this one. */
  spawn<T>(label: string, body: (child: Strand) => Promise<T>): Promise<T>;
  /** Awaits spawned strands: they hold the clock, this one does not. */
  join<T>(children: Promise<T>): Promise<T>;
  /** Ends the strand and those spawned by it: whatever they wait for rejects with `reason`. */
  cancel(reason: Cancelled | Error): void;
  /** Lets go of the clock for good. */
  finish(): void;
}

export const createStrand = (clock: LocalClock, label: string): Strand => {
  let release: (() => void) | undefined = clock.hold(label);
  let cancelledBy: Error | undefined;
  const cancellers = new Set<(reason: Error) => void>();
  const children = new Set<Strand>();

  const hold = (): void => {
    release ??= clock.hold(label);
  };
  const letGo = (): void => {
    release?.();
    release = undefined;
  };
  const check = (): void => {
    if (cancelledBy) throw cancelledBy;
  };

  const wait = <T>(register: (settle: Settle<T>) => () => void, keepsHold = false): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (cancelledBy) return reject(cancelledBy);
      let settled = false;
      let takeDown: (() => void) | undefined;
      const settle = (answer: () => void): void => {
        if (settled) return;
        settled = true;
        cancellers.delete(canceller);
        takeDown?.();
        // Before the promise is answered: between the two the clock must not leap.
        hold();
        answer();
      };
      const canceller = (reason: Error): void => settle(() => reject(reason));
      cancellers.add(canceller);
      takeDown = register({
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      if (settled) takeDown();
      else if (!keepsHold) letGo();
    });

  const strand: Strand = {
    check,
    wait,
    sleepUntil: (atMs, timerLabel) =>
      wait<void>(({ resolve }) => {
        const timer = clock.at(atMs, timerLabel, () => resolve());
        return () => timer.cancel();
      }),
    work: (promise) =>
      wait((settle) => {
        promise.then(settle.resolve, settle.reject);
        return () => {};
      }, true),
    spawn: async (childLabel, body) => {
      check();
      const child = createStrand(clock, childLabel);
      children.add(child);
      try {
        return await body(child);
      } finally {
        children.delete(child);
        child.finish();
      }
    },
    join: async (promise) => {
      letGo();
      try {
        return await promise;
      } finally {
        hold();
      }
    },
    cancel: (reason) => {
      cancelledBy ??= reason;
      for (const child of [...children]) child.cancel(reason);
      for (const canceller of [...cancellers]) canceller(reason);
    },
    finish: letGo,
  };
  return strand;
};
