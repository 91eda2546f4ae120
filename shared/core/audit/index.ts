export type * from './audit-record.ts';
export { CHAIN_START } from './audit-record.ts';
export { canonicalJson } from './canonical-json.ts';
export { hashOf, linkRecord } from './link-record.ts';
export { type AuditFinding, type StoredChain, type StoredRecord, verifyChain } from './verify-chain.ts';
export { type StoredVersion, verifyVersions } from './verify-versions.ts';
export { type PinnedVersion, type VersionEvidence, versionFault } from './version-fault.ts';
