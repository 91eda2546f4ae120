import type { VersionScore } from '../core/governance/index.ts';

/** What versions scored on evaluation datasets, besides their run's own holdout. */
export interface VersionEvaluations {
  /**
   * The score of a version on a dataset; a later one takes its place, the same again changes nothing.
   * @returns what stands. @throws NotFoundError for a version that is not registered.
   */
  put(model: string, score: VersionScore): Promise<VersionScore>;
  /** Of one version, or of all; by version and dataset. Bounded: @throws LimitExceededError beyond 5,000. */
  list(model: string, version?: number): Promise<readonly VersionScore[]>;
}
