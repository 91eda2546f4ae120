import type { LocalClock, TimerHandle } from '../contracts.ts';
import type { EnvironmentTimers } from './in-process-globals.ts';

interface Options {
  readonly clock: LocalClock;
  /** Of the environment, for the log. */
  readonly name: string;
  /** Runs what the environment may run now; keeps it for later, or drops it. */
  readonly reach: (label: string, task: () => void) => void;
}

/** What `setTimeout` gives in Node. */
interface Handle {
  ref(): Handle;
  unref(): Handle;
  hasRef(): boolean;
  refresh(): Handle;
  close(): Handle;
  [Symbol.toPrimitive](): number;
}

/** The timers of one environment, on the virtual clock. */
export const createInProcessTimers = ({
  clock,
  name,
  reach,
}: Options): EnvironmentTimers & { readonly cancelAll: () => void } => {
  const running = new Map<number, TimerHandle>();
  const ids = new WeakMap<object, number>();
  let made = 0;

  const stop = (id: number): void => {
    running.get(id)?.cancel();
    running.delete(id);
  };

  const set = (given: number, repeat: boolean, task: () => void): Handle => {
    const id = ++made;
    // As Node does: a delay out of range becomes 1 ms.
    const delayMs = given >= 1 && given <= 2 ** 31 - 1 ? given : 1;
    const start = (): Handle => {
      stop(id);
      running.set(id, clock.at(clock.nowMs() + delayMs, `timer of ${name}`, fire));
      return handle;
    };
    const fire = (): void => {
      reach('timer', () => {
        if (!running.has(id)) return;
        if (repeat) start();
        else running.delete(id);
        task();
      });
    };
    const handle: Handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: start,
      close: () => {
        stop(id);
        return handle;
      },
      [Symbol.toPrimitive]: () => id,
    };
    ids.set(handle, id);
    return start();
  };

  return {
    setTimeout: (task, ms = 1, ...values) => set(ms, false, () => task(...values)),
    setInterval: (task, ms = 1, ...values) => set(ms, true, () => task(...values)),
    clear: (handle) => {
      const id = typeof handle === 'object' && handle !== null ? ids.get(handle) : Number(handle);
      if (id !== undefined) stop(id);
    },
    cancelAll: () => {
      for (const id of [...running.keys()]) stop(id);
    },
  };
};
