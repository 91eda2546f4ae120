import type { StateStore } from '../contracts.ts';

/**
 * Marks a job with the workflow's attempt that submitted it: after a kill between the submission and the note of it,
 * the attempt is made again, and must find its job instead of starting a second one. AWS keeps `aws:` for itself, so
 * no tag of a user can look like it.
 */
export const SUBMISSION_TAG = 'aws:states:submission';

/**
 * Tells a workflow's `.sync` task that its job has ended. AWS does it by rules on the default bus that it manages
 * itself; here the services that run jobs and the one that waits for them stand in one process.
 */
export interface JobWaiters {
  /** Calls `onEnd` once, when the job ends; returns how to stop listening. */
  onEnd(service: 'sagemaker' | 'batch' | 'states', id: string, onEnd: () => void): () => void;
  ended(service: 'sagemaker' | 'batch' | 'states', id: string): void;
}

const createJobWaiters = (): JobWaiters => {
  const listeners = new Map<string, Set<() => void>>();
  const keyOf = (service: string, id: string): string => `${service}/${id}`;
  return {
    onEnd: (service, id, onEnd) => {
      const key = keyOf(service, id);
      const group = listeners.get(key) ?? new Set<() => void>();
      listeners.set(key, group.add(onEnd));
      return () => {
        group.delete(onEnd);
        if (group.size === 0) listeners.delete(key);
      };
    },
    ended: (service, id) => {
      const group = listeners.get(keyOf(service, id));
      for (const listener of [...(group ?? [])]) listener();
    },
  };
};

const byStore = new WeakMap<StateStore, JobWaiters>();

/** The waiters of one cloud: services are built apart and share nothing but their store. */
export const jobWaitersOf = (store: StateStore): JobWaiters => {
  const known = byStore.get(store);
  if (known) return known;
  const waiters = createJobWaiters();
  byStore.set(store, waiters);
  return waiters;
};
