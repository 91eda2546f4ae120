import { UnavailableError } from '../../kernel/errors.ts';
import type { CaptureStream } from '../../ports/serving-functions.ts';

/**
 * One call of PutRecordBatch, by whichever client: functions that must start fast have another than the SDK's.
 * @returns the error code of each record; undefined, or nothing at all, for one that was taken.
 */
export type PutRecords = (
  streamName: string,
  records: readonly Uint8Array[],
) => Promise<readonly (string | undefined)[]>;

/** Firehose's limits of one call. */
const MAX_RECORDS_PER_CALL = 500;
const MAX_BYTES_PER_CALL = 4 * 1024 * 1024;
/** Calls for one batch: the first carries it whole, a second only what the first did not take. */
const MAX_ATTEMPTS = 3;

/** One call; returns the records that were not taken. */
const putBatch = async (
  put: PutRecords,
  streamName: string,
  batch: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> => {
  const codes = await put(streamName, batch);
  return batch.filter((_, i) => codes[i] !== undefined);
};

const putAll = async (put: PutRecords, streamName: string, batch: readonly Uint8Array[]): Promise<void> => {
  let pending = batch;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && pending.length > 0; attempt += 1) {
    pending = await putBatch(put, streamName, pending);
  }
  if (pending.length > 0) throw new UnavailableError(`${pending.length} records were not taken by ${streamName}`);
};

/** Batches that one call each can carry: a request of 5 MB gives captures of more than one call. */
const batchesOf = (records: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] => {
  const batches: Uint8Array[][] = [];
  let sizeBytes = 0;
  for (const record of records) {
    const last = batches.at(-1);
    sizeBytes += record.byteLength;
    if (last !== undefined && last.length < MAX_RECORDS_PER_CALL && sizeBytes <= MAX_BYTES_PER_CALL) last.push(record);
    else {
      batches.push([record]);
      sizeBytes = record.byteLength;
    }
  }
  return batches;
};

export const createCaptureStream = (putRecords: PutRecords, streamName: string): CaptureStream => ({
  async put(records) {
    const encoder = new TextEncoder();
    const lines = records.map((record) => encoder.encode(`${JSON.stringify(record)}\n`));
    for (const batch of batchesOf(lines)) await putAll(putRecords, streamName, batch);
  },
});
