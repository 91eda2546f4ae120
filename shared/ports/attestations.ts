import type { Attestation } from '../core/ml-test-score/index.ts';

/** What people vouch for in a model's ML Test Score: the newest word on each item, each on record in the audit log. */
export interface Attestations {
  /**
   * Takes the place of an earlier word on the item; of the same `requestId` it changes nothing.
   * @returns what stands. @throws NotFoundError for a model that is not registered.
   */
  put(model: string, attestation: Attestation): Promise<Attestation>;
  /** By item; expired ones too. Empty for a model that is not registered. */
  list(model: string): Promise<readonly Attestation[]>;
}
