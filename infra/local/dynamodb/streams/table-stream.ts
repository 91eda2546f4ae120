import type { ChangeRecord } from './stream-record.ts';

/** One record at its place in the stream. */
export interface PlacedRecord {
  readonly sequenceNumber: string;
  readonly createdAtMs: number;
  /** In the form of GetRecords: images as attribute values, `userIdentity` with capitals. */
  readonly record: ChangeRecord;
}

/**
 * A table's stream as Lambda's event source mapping reads it. It has one shard, so that all changes of a table are in
 * one order; AWS promises an order per item only. Records are readable for 24 hours of virtual time.
 */
export interface TableStream {
  readonly streamArn: string;
  readonly shardId: string;
  /**
   * Records behind a sequence number, oldest first; undefined reads from the trim horizon, the oldest that is kept.
   * @param limit 1 to 10,000
   */
  read(afterSequenceNumber: string | undefined, limit: number): readonly PlacedRecord[];
  /** Sequence number of the newest record there ever was: reading behind it is `LATEST`. Undefined before the first. */
  latest(): string | undefined;
  /** True once the stream was disabled or its table deleted: what it holds is read to its end, and nothing follows. */
  closed(): boolean;
  /**
   * Told, in the turn of the commit, that there are new records. The listener must only take note and come back by the
   * clock: it runs inside the request that wrote. Answers how to stop listening.
   */
  onRecords(listener: () => void): () => void;
}

/** @returns undefined when there is no such stream, or its records are all gone. */
export type OpenTableStream = (streamArn: string) => TableStream | undefined;
