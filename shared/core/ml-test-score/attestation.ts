import { DAY_MS } from '../../kernel/time.ts';

/** A person's word that an item's test was done by hand, for what the platform has no record of. */
export interface Attestation {
  /** Such as `data-5`. */
  readonly item: string;
  /** What was done, and where it is written down. */
  readonly note: string;
  /** A principal. */
  readonly by: string;
  readonly atMs: number;
  /** It counts until then. */
  readonly expiresAtMs: number;
  /** Of the call: the same again is the same attestation. */
  readonly requestId: string;
}

/** What was true half a year ago is to be looked at again. */
export const ATTESTATION_DAYS = 180;

export const attest = (word: Omit<Attestation, 'expiresAtMs'>): Attestation => ({
  ...word,
  expiresAtMs: word.atMs + ATTESTATION_DAYS * DAY_MS,
});

export const isStanding = ({ atMs, expiresAtMs }: Attestation, nowMs: number): boolean =>
  atMs <= nowMs && nowMs < expiresAtMs;
