import type { GarbageMark } from '../core/governance/index.ts';

/** What was found to be garbage, and when first. */
export interface GarbageMarks {
  /** Bounded: @throws LimitExceededError beyond 100,000 marks. */
  list(): Promise<readonly GarbageMark[]>;
  /** One that stands keeps its time. */
  mark(mark: GarbageMark): Promise<void>;
  /** A missing one is fine. */
  unmark(prefix: string): Promise<void>;
}
