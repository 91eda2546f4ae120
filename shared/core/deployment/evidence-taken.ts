import type { CrashCounts } from './crash-alarm.ts';
import type { ServingCounts } from './judge-alone.ts';

/** How far a rollout's evidence goes, and what is counted beside it. */
export interface EvidenceTaken {
  /** Metrics of requests until this instant are in it. */
  readonly requestsThroughMs: number;
  /** Captured lines until this instant are in it. */
  readonly capturedThroughMs: number;
  /** Of a version beside which nothing serves. */
  readonly alone?: ServingCounts;
  /** Where a plan divides the requests of one function. */
  readonly crashes?: CrashCounts;
  /** Share of the function's requests that failed on the day before the rollout. */
  readonly crashShareBefore: number;
  /** Captured lines that were left out, since they were more than a look takes. */
  readonly leftOutCount: number;
}
