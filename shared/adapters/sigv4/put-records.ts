import { Buffer } from 'node:buffer';
import { jsonCall } from './json-call.ts';
import type { SignedClient } from './signed-client.ts';

interface PutAnswer {
  readonly FailedPutCount?: number;
  readonly RequestResponses?: readonly { readonly ErrorCode?: string }[];
}

/** One call of Firehose's PutRecordBatch. @returns the error code of each record; undefined for one that was taken. */
export const createPutRecords = (client: SignedClient) => {
  const putRecordBatch = jsonCall(client, 'firehose', { version: '1.1', target: 'Firehose_20150804.PutRecordBatch' });
  return async (streamName: string, records: readonly Uint8Array[]): Promise<readonly (string | undefined)[]> => {
    const Records = records.map((bytes) => ({
      Data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
    }));
    const answer = await putRecordBatch(JSON.stringify({ DeliveryStreamName: streamName, Records }));
    const { FailedPutCount, RequestResponses = [] } = answer as PutAnswer;
    return FailedPutCount ? RequestResponses.map(({ ErrorCode }) => ErrorCode) : [];
  };
};
