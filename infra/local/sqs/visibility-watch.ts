import type { ServiceContext } from '../contracts.ts';
import type { Queue } from './queue.ts';

/** Tells whoever waits for a queue when one of its messages is visible. */
export interface VisibilityWatch {
  /** Tells now, or when a delay or a visibility time-out is over. */
  tellAt(queue: Queue, atMs: number): void;
  /** @returns cancels */
  watch(queueName: string, told: () => void): () => void;
}

/** @param onVisible called before those who wait, when time has made a message visible */
export const createVisibilityWatch = (
  { clock }: ServiceContext,
  onVisible: (queue: Queue) => void,
): VisibilityWatch => {
  const watching = new Map<string, Set<() => void>>();

  const tell = (queue: Queue): void => {
    for (const told of [...(watching.get(queue.name) ?? [])]) told();
  };

  return {
    tellAt: (queue, atMs) => {
      if (atMs <= clock.nowMs()) {
        tell(queue);
        return;
      }
      clock.at(atMs, `visibility in ${queue.name}`, () => {
        onVisible(queue);
        tell(queue);
      });
    },
    watch: (queueName, told) => {
      const listeners = watching.get(queueName) ?? new Set();
      watching.set(queueName, listeners.add(told));
      return () => listeners.delete(told);
    },
  };
};
