import type { ShadowDay } from '../core/deployment/index.ts';

/** Two versions of a model that score the same inputs. */
export interface ShadowPair {
  readonly model: string;
  readonly challenger: number;
  readonly champion: number;
}

/** Days of paired comparisons. A day is written once: what is corrected later does not count twice. */
export interface ShadowDays {
  /** @returns whether it was written: false where the day stands. */
  putIfAbsent(day: ShadowDay): Promise<boolean>;
  /** Oldest first. */
  list(pair: ShadowPair): Promise<readonly ShadowDay[]>;
}
