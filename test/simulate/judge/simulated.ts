import type { SeededRandom } from '../../../infra/local/simulation/seeded-random.ts';

/** What every scenario is given. */
export interface Simulated {
  readonly canaryCount: number;
  readonly random: SeededRandom;
  /** Told before each canary. */
  progress(canary: number): void;
}
