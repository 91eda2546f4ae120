import type { AuditEntry, AuditRecord, ChainHead, StoredRecord } from '../core/audit/index.ts';
import type { Page } from './model-registry.ts';

/** The audit log as it is stored, whether it is as it was written or not. */
export interface AuditReader {
  /** A chain in its order. */
  listRecords(model: string, limit: number, cursor?: string): Promise<Page<StoredRecord>>;
  /** What is stored at a place. */
  getRecord(model: string, seq: number): Promise<StoredRecord | undefined>;
  /** The head of a chain; undefined before its first record. */
  getHead(model: string): Promise<StoredHead['head'] | undefined>;
  /** The heads of all chains by model. */
  listHeads(limit: number, cursor?: string): Promise<Page<StoredHead>>;
}

/** The audit log for those who change nothing in the registry with what they record. */
export interface AuditLog extends AuditReader {
  /**
   * Adds an entry at the end of its model's chain. Not idempotent: an entry that must be written once belongs in the
   * transaction that makes it true.
   * @throws ConflictError when the contention outlasts `deadlineMs`.
   */
  append(entry: AuditEntry, deadlineMs: number): Promise<AuditRecord>;
}

export interface StoredHead {
  /** By the key under which it is stored. */
  readonly model: string;
  readonly head: ChainHead | 'malformed';
}
