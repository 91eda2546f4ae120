import type { Sha256, VersionStatement } from './audit-record.ts';
import { hashOf } from './link-record.ts';
import type { StoredRecord } from './verify-chain.ts';

/** What a published version's environment says of the model version that it serves. */
export interface PinnedVersion {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
}

/** A version's item as it is stored now, beside what the audit log says of it. */
export interface VersionEvidence {
  readonly home: string;
  readonly number: number;
  readonly modelDigest: unknown;
  readonly manifestDigest: unknown;
  readonly artifactPrefix: unknown;
  readonly itemDigest: string;
  /** Where the newest record about the version is said to stand; absent for one from before the log. */
  readonly auditSeq?: number;
  /** What stands there. */
  readonly record?: StoredRecord;
}

const recordFault = (model: string, evidence: VersionEvidence, sha256: Sha256): string | undefined => {
  const { auditSeq, home, number, itemDigest } = evidence;
  const record = evidence.record?.record;
  if (evidence.record === undefined) return `record ${auditSeq} about it is missing`;
  if (record === undefined || record.model !== model || record.seq !== auditSeq) {
    return `record ${auditSeq} about it was changed`;
  }
  if (hashOf(record, sha256) !== record.hash) return `record ${auditSeq} about it was changed`;
  const said: VersionStatement | undefined = record.version;
  if (said?.home !== home || said.number !== number) return `record ${auditSeq} is about something else`;
  return said.itemDigest === itemDigest ? undefined : `its item is not what record ${auditSeq} says`;
};

/**
 * Why a model version must not be served: its item is not what was published, or not what the audit log says that was
 * registered and approved; undefined when nothing speaks against it. One record is looked at, not the chain.
 */
export const versionFault = (
  model: string,
  pinned: PinnedVersion,
  evidence: VersionEvidence | undefined,
  sha256: Sha256,
): string | undefined => {
  if (evidence === undefined) return 'it is not registered';
  for (const name of ['modelDigest', 'manifestDigest', 'artifactPrefix'] as const) {
    if (evidence[name] !== pinned[name]) return `its ${name} is no longer the one that was published`;
  }
  return evidence.auditSeq === undefined ? undefined : recordFault(model, evidence, sha256);
};
