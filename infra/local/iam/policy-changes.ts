import type { StateStore } from '../contracts.ts';

/**
 * Tells whoever keeps compiled policies that they are to be read again. By store: a process may hold several clouds.
 */
const generations = new WeakMap<StateStore, number>();

export const policyGeneration = (store: StateStore): number => generations.get(store) ?? 0;

export const policiesChanged = (store: StateStore): void => {
  generations.set(store, policyGeneration(store) + 1);
};
