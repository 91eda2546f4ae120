import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { PutRecords } from './capture-stream.ts';

export const createFirehoseClient = (): FirehoseClient => new FirehoseClient({});

export const createPutRecords =
  (client: FirehoseClient): PutRecords =>
  async (streamName, records) => {
    const Records = records.map((Data) => ({ Data }));
    const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName: streamName, Records }));
    return answer.FailedPutCount ? (answer.RequestResponses ?? []).map(({ ErrorCode }) => ErrorCode) : [];
  };
