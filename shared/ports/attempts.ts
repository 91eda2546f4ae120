import type { Attempt } from '../core/batch-scoring/index.ts';

/** Executions of one state machine by a key and a number from 1: what broke off is begun again under the next number. */
export interface Attempts {
  /** All that were begun, the first one first. */
  read(key: string): Promise<readonly Attempt[]>;
  /** A number is taken once: begun by another at the same time, it is left to that one. */
  start(key: string, number: number, input: Readonly<Record<string, unknown>>): Promise<void>;
}
