import { createQuiescence } from './quiescence.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * The order of everything in a simulation. Whatever would happen by itself elsewhere (a call that arrives, an answer on
 * its way back, a thread that has finished, a timer that is due) waits here, and is let happen one at a time: drawn by
 * the seed among all that wait, and only when everything set off by the one before has come to rest. The order is then
 * a function of the seed, whatever the machine's speed.
 */
export interface Scheduler {
  /** Lets `task` happen in its turn. The label stands in the event log: no real time or chance in it. */
  add(label: string | (() => string), task: () => void): void;
  /** Lets `task` happen once nothing else waits: what leaves the simulation, whose sequel knows no order. */
  addLast(label: string, task: () => void): void;
  /** Runs work outside the event loop's order, such as a thread of its own; its outcome is taken in its turn. */
  native<T>(label: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing waits and everything is at rest. */
  idle(): Promise<void>;
  /** Nothing happens any more; whatever waits is dropped. */
  stop(): void;
}

interface Item {
  readonly label: string | (() => string);
  readonly task: () => void;
}

/** Outcomes of native work arrive in the machine's order: the order in which the work began makes them even again. */
interface Outcome extends Item {
  readonly begun: number;
}

export interface SchedulerOptions {
  readonly random: SeededRandom;
  /** Told before an item happens. */
  readonly onItem?: (label: string) => void;
  readonly onTaskError: (label: string, error: unknown) => void;
}

export const createScheduler = ({ random, onItem, onTaskError }: SchedulerOptions): Scheduler => {
  const quiescence = createQuiescence();
  const waiting: Item[] = [];
  const leaving: Item[] = [];
  let outcomes: Outcome[] = [];
  let begun = 0;
  let pumping: Promise<void> | undefined;
  let stopped = false;

  const take = (): Item | undefined => {
    const from = waiting.length > 0 ? waiting : leaving;
    if (from.length === 0) return undefined;
    const at = random.below(from.length);
    const item = from[at];
    const last = from.pop();
    // The order of those that stay does not matter, as long as it is the same in every run.
    if (last !== undefined && last !== item) from[at] = last;
    return item;
  };

  const collectOutcomes = (): void => {
    if (outcomes.length === 0) return;
    waiting.push(...outcomes.sort((a, b) => a.begun - b.begun));
    outcomes = [];
  };

  const pump = async (): Promise<void> => {
    for (;;) {
      await quiescence.rest();
      collectOutcomes();
      const item = stopped ? undefined : take();
      if (item === undefined) break;
      const { label, task } = item;
      const shown = typeof label === 'string' ? label : label();
      onItem?.(shown);
      try {
        task();
      } catch (error) {
        onTaskError(shown, error);
      }
    }
    pumping = undefined;
  };

  const wake = (): void => {
    pumping ??= pump();
  };

  const enter = (queue: Item[], item: Item): void => {
    if (stopped) return;
    queue.push(item);
    wake();
  };

  return {
    add: (label, task) => enter(waiting, { label, task }),
    addLast: (label, task) => enter(leaving, { label, task }),
    native: (label, work) =>
      new Promise((resolve, reject) => {
        const place = begun++;
        const arrive = (task: () => void): void => {
          outcomes.push({ label, task, begun: place });
          wake();
        };
        quiescence.during(work).then(
          (value) => arrive(() => resolve(value)),
          (error) => arrive(() => reject(error)),
        );
      }),
    idle: async () => {
      do {
        await pumping;
        await quiescence.rest();
      } while (pumping !== undefined);
    },
    stop: () => {
      stopped = true;
      waiting.length = 0;
      leaving.length = 0;
    },
  };
};
