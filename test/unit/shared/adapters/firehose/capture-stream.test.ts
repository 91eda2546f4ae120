import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { createCaptureStream } from '../../../../../shared/adapters/firehose/capture-stream.ts';
import { createPutRecords } from '../../../../../shared/adapters/firehose/put-records.ts';

const label = (predictionId: string) =>
  ({ kind: 'label', model: 'toy', predictionId, label: 1, knownAtMs: 0, receivedAtMs: 0 }) as const;

const putsOf = async (idLength: number, count: number) => {
  const client = mockClient(FirehoseClient);
  client.on(PutRecordBatchCommand).resolves({ FailedPutCount: 0, RequestResponses: [] });
  const records = Array.from({ length: count }, () => label('a'.repeat(idLength)));
  await createCaptureStream(createPutRecords(new FirehoseClient({})), 'stream').put(records);
  return client.commandCalls(PutRecordBatchCommand).map(({ args }) => args[0].input.Records ?? []);
};

it('puts no more in one call than Firehose takes, by count and by size', async () => {
  const small = await putsOf(10, 1_001);
  const large = await putsOf(9_990, 500);

  expect(small.map(({ length }) => length)).toEqual([500, 500, 1]);
  expect(large.map(({ length }) => length)).toEqual([416, 84]);
  const sizes = large.map((records) => records.reduce((sum, { Data }) => sum + (Data?.byteLength ?? 0), 0));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024);
});
