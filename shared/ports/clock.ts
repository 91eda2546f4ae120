export interface Clock {
  /** Epoch milliseconds, UTC. */
  nowMs(): number;
}
