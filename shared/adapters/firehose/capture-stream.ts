import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { UnavailableError } from '../../kernel/errors.ts';
import type { CaptureStream } from '../../ports/serving-functions.ts';

export const createFirehoseClient = (): FirehoseClient => new FirehoseClient({});

/** Firehose's limit of one call. */
const MAX_RECORDS_PER_CALL = 500;
/** Calls for one put: 500 rows fit in one call, so a second only carries what the first did not take. */
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

export const createCaptureStream = (client: FirehoseClient, streamName: string): CaptureStream => ({
  async put(records) {
    const encoder = new TextEncoder();
    const lines = records.map((record) => ({ Data: encoder.encode(`${JSON.stringify(record)}\n`) }));
    for (let start = 0; start < lines.length; start += MAX_RECORDS_PER_CALL) {
      await putAll(client, streamName, lines.slice(start, start + MAX_RECORDS_PER_CALL));
    }
  },
});
