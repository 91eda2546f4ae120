import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
} from '@aws-sdk/client-firehose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { createFirehoseService } from '../../../../../infra/local/firehose/service.ts';
import { type LocalServiceOptions, startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

interface Put {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: Uint8Array;
}

const DESTINATION = {
  BucketARN: 'arn:aws:s3:::data',
  RoleARN: 'arn:role',
  Prefix: 'capture/births/!{timestamp:yyyy/MM/dd/HH}/',
  ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
  CompressionFormat: 'GZIP',
};

const start = async (options: LocalServiceOptions = {}, destination: object = DESTINATION) => {
  const local = await startLocalService(createFirehoseService, { ports: { call: async () => ({}) }, ...options });
  onTestFinished(() => local.stop());
  const client = new FirehoseClient(local.clientConfig);
  const provide = (properties: object) =>
    local.services[0]?.resources['AWS::KinesisFirehose::DeliveryStream']?.create({
      stackName: 's',
      logicalId: 'Capture',
      generatedName: 's-Capture-1',
      properties: { DeliveryStreamName: 'capture', DeliveryStreamType: 'DirectPut', ...properties },
    });
  await provide({ ExtendedS3DestinationConfiguration: destination });
  const put = (text: string) =>
    client.send(new PutRecordCommand({ DeliveryStreamName: 'capture', Record: { Data: Buffer.from(text) } }));
  const puts = () => local.recorded.calls.map((call) => call.parameters as Put);
  return { ...local, client, provide, put, puts };
};

describe('a delivery stream', () => {
  it('delivers what came within the interval as one compressed object, named by its first hour', async () => {
    const { put, puts, clock, recorded } = await start();
    await clock.advanceTo(TEST_START_MS + 3 * 3_600_000 + 59 * 60_000 + 30_000);
    await put('{"a":1}\n');
    await clock.advanceBy(40_000);
    await put('{"a":2}\n');
    const before = puts().length;
    await clock.advanceBy(20_000);

    expect(before).toBe(0);
    expect(puts()).toHaveLength(1);
    expect(recorded.calls[0]).toMatchObject({ service: 's3', action: 'PutObject', roleArn: 'arn:role' });
    expect(puts()[0]?.Bucket).toBe('data');
    expect(puts()[0]?.Key).toMatch(
      /^capture\/births\/2001\/01\/01\/03\/capture-1-2001-01-01-03-59-30-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.gz$/,
    );
    expect(gunzipSync(puts()[0]?.Body ?? new Uint8Array()).toString()).toBe('{"a":1}\n{"a":2}\n');
  });

  it('delivers at once when the buffer is full', async () => {
    const { client, puts, clock } = await start();
    const Records = [{ Data: Buffer.alloc(600_000, 'a') }, { Data: Buffer.alloc(600_000, 'b') }];

    const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName: 'capture', Records }));
    await clock.settle();

    expect(answer.FailedPutCount).toBe(0);
    expect(puts()).toHaveLength(1);
    expect(clock.nowMs()).toBe(TEST_START_MS);
  });

  it('appends a delimiter and adds the hour to a plain prefix', async () => {
    const { put, puts, clock } = await start(
      {},
      {
        BucketARN: 'arn:aws:s3:::data',
        RoleARN: 'arn:role',
        Prefix: 'plain/',
        ProcessingConfiguration: {
          Enabled: true,
          Processors: [
            {
              Type: 'AppendDelimiterToRecord',
              Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }],
            },
          ],
        },
      },
    );
    await put('one');
    await put('two');
    await clock.advanceBy(300_000);

    expect(puts()[0]?.Key).toMatch(/^plain\/2001\/01\/01\/00\/capture-1-2001-01-01-00-00-00-[0-9a-f-]{36}$/);
    expect(Buffer.from(puts()[0]?.Body ?? []).toString()).toBe('one\ntwo\n');
  });

  it('keeps what it acknowledged when the process is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-firehose-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await start({ folder, durable: true });
    await first.put('kept\n');
    // No stop of the service: a kill runs nothing.

    const second = await start({ folder, durable: true });
    await second.clock.advanceBy(60_000);

    expect(second.puts()).toHaveLength(1);
    expect(gunzipSync(second.puts()[0]?.Body ?? new Uint8Array()).toString()).toBe('kept\n');
  });

  it('delivers again under the same key until S3 takes it', async () => {
    let failures = 2;
    const { put, puts, clock } = await start({
      ports: {
        call: async () => {
          if (failures-- > 0) throw new AwsError('SlowDown', 'busy', 503);
          return {};
        },
      },
    });
    await put('once\n');
    await clock.advanceBy(600_000);

    expect(puts()).toHaveLength(3);
    expect(new Set(puts().map(({ Key }) => Key)).size).toBe(1);
  });

  it('refuses unknown streams, large records and processing that it does not do', async () => {
    const { client, put, provide } = await start();
    const other = (change: object) =>
      provide({ DeliveryStreamName: 'other', ExtendedS3DestinationConfiguration: { ...DESTINATION, ...change } });

    await expect(
      client.send(new PutRecordCommand({ DeliveryStreamName: 'none', Record: { Data: Buffer.from('a') } })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(put('a'.repeat(1_024_001))).rejects.toThrow('at most 1024000 bytes, got 1024001');
    await expect(other({ DynamicPartitioningConfiguration: { Enabled: true } })).rejects.toThrow('DynamicPartitioning');
    await expect(other({ Prefix: '!{partitionKeyFromQuery:model}/' })).rejects.toThrow('partitionKeyFromQuery');
    await expect(other({ CompressionFormat: 'Snappy' })).rejects.toThrow('Snappy');
  });

  it('describes itself', async () => {
    const { client } = await start();

    const { DeliveryStreamDescription } = await client.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'capture' }),
    );

    expect(DeliveryStreamDescription?.DeliveryStreamARN).toBe(
      'arn:aws:firehose:us-east-1:000000000000:deliverystream/capture',
    );
    expect(DeliveryStreamDescription?.Destinations?.[0]?.ExtendedS3DestinationDescription?.BufferingHints).toEqual({
      SizeInMBs: 1,
      IntervalInSeconds: 60,
    });
  });
});
