import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { UnavailableError } from '../../kernel/errors.ts';
import type { CaptureStream } from '../../ports/serving-functions.ts';

export const createFirehoseClient = (): FirehoseClient => new FirehoseClient({});

/** Firehose's limits of one call. */
const MAX_RECORDS_PER_CALL = 500;
const MAX_BYTES_PER_CALL = 4 * 1024 * 1024;
/** Calls for one batch: the first carries it whole, a second only what the first did not take. */
const MAX_ATTEMPTS = 3;

interface WireRecord {
  readonly Data: Uint8Array;
}

/** One call; returns the records that were not taken. */
const putBatch = async (client: FirehoseClient, streamName: string, batch: readonly WireRecord[]) => {
  const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName: streamName, Records: [...batch] }));
  if (!answer.FailedPutCount) return [];
  return batch.filter((_, i) => answer.RequestResponses?.[i]?.ErrorCode !== undefined);
};

const putAll = async (client: FirehoseClient, streamName: string, batch: readonly WireRecord[]): Promise<void> => {
  let pending = batch;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && pending.length > 0; attempt += 1) {
    pending = await putBatch(client, streamName, pending);
  }
  if (pending.length > 0) throw new UnavailableError(`${pending.length} records were not taken by ${streamName}`);
};

/** Batches that one call each can carry: a request of 5 MB gives captures of more than one call. */
const batchesOf = (records: readonly WireRecord[]): readonly (readonly WireRecord[])[] => {
  const batches: WireRecord[][] = [];
  let sizeBytes = 0;
  for (const record of records) {
    const last = batches.at(-1);
    sizeBytes += record.Data.byteLength;
    if (last !== undefined && last.length < MAX_RECORDS_PER_CALL && sizeBytes <= MAX_BYTES_PER_CALL) last.push(record);
    else {
      batches.push([record]);
      sizeBytes = record.Data.byteLength;
    }
  }
  return batches;
};

export const createCaptureStream = (client: FirehoseClient, streamName: string): CaptureStream => ({
  async put(records) {
    const encoder = new TextEncoder();
    const lines = records.map((record) => ({ Data: encoder.encode(`${JSON.stringify(record)}\n`) }));
    for (const batch of batchesOf(lines)) await putAll(client, streamName, batch);
  },
});
