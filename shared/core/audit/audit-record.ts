import type { JsonObject } from '../../kernel/json.ts';

/**
 * One line of a model's audit log: who changed what of its governance or deployment. Records of a model form a chain:
 * each holds the hash of the one before, so that none can be changed, removed or put in between unnoticed.
 */

/** What somebody did. No secrets and no feature values: identifiers, digests, states, aggregate numbers. */
export interface AuditEntry {
  readonly model: string;
  readonly atMs: number;
  /** A caller's ARN or token name; `workflow:…` for what an execution did, `policy:…` for a rule. */
  readonly principal: string;
  /** A verb and its object, such as `register version`. */
  readonly action: string;
  /** What was changed, as it stood; absent for what is new. */
  readonly before?: JsonObject;
  /** As it stands since; absent for what was removed. */
  readonly after?: JsonObject;
  readonly reason?: string;
  /** The model version that it is about. */
  readonly version?: VersionStatement;
}

/** What a record answers for in a model version's item. */
export interface VersionStatement {
  /** The partition of the registry in which the item stands. */
  readonly home: string;
  readonly number: number;
  /** Digest of what is governed in the item: all but notes, which anybody may write. Absent once it is deleted. */
  readonly itemDigest?: string;
}

export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** `hash` of the record before; `CHAIN_START` in the first. */
  readonly previousHash: string;
  /** SHA-256, hex, of the canonical JSON of everything else here. */
  readonly hash: string;
}

/** The last record of a chain. */
export interface ChainHead {
  readonly model: string;
  readonly seq: number;
  readonly hash: string;
}

/** A chain's head as it was on a day, kept where nobody can change it. */
export interface SealedHead extends ChainHead {
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
}

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export type Sha256 = (text: string) => string;

export const CHAIN_START = '0'.repeat(64);
