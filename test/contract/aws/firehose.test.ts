import { gunzipSync } from 'node:zlib';
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
} from '@aws-sdk/client-firehose';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudPorts, CreateService, DeliveryFault, ServiceContext } from '../../../infra/local/contracts.ts';
import { createFirehoseService } from '../../../infra/local/firehose/service.ts';
import { createS3Service } from '../../../infra/local/s3/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';

/**
 * Firehose to S3. A stream needs a role, which a template gives: on AWS only what needs no stream is asked. Locally the
 * stream delivers into the embedded S3.
 */

let target: ContractTarget;
let firehose: FirehoseClient;
let s3: S3Client;
let fault: DeliveryFault | undefined;

/** Firehose with its S3 calls carried out by the SDK, as the cloud's ports do. */
const createDeliveringFirehose: CreateService = (context: ServiceContext) => {
  const call: CloudPorts['call'] = async (_service, _action, parameters) =>
    s3.send(new (await import('@aws-sdk/client-s3')).PutObjectCommand(parameters as never));
  const ports = { ...context.ports, call, log: () => {} };
  const faults = { ...context.faults, delivery: () => fault };
  const service = createFirehoseService({ ...context, ports, faults });
  provide = service.resources['AWS::KinesisFirehose::DeliveryStream']?.create;
  return service;
};
let provide: ((context: never) => Promise<unknown>) | undefined;

beforeAll(async () => {
  target = await openContractTarget([createDeliveringFirehose, createS3Service]);
  firehose = new FirehoseClient(target.clientConfig);
  s3 = new S3Client(target.clientConfig);
});
afterAll(async () => {
  await target.stop();
  firehose.destroy();
  s3.destroy();
});

describe('a stream that does not exist', () => {
  it('is named', async () => {
    const DeliveryStreamName = `${target.prefix}-none`;

    await expect(
      firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe.skipIf(ON_AWS)('a stream to S3', () => {
  const DeliveryStreamName = 'capture';
  const Bucket = 'capture-bucket';
  beforeAll(async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await provide?.({
      stackName: 's',
      logicalId: 'Capture',
      generatedName: 's-Capture-1',
      properties: {
        DeliveryStreamName,
        DeliveryStreamType: 'DirectPut',
        ExtendedS3DestinationConfiguration: {
          BucketARN: `arn:aws:s3:::${Bucket}`,
          RoleARN: 'arn:aws:iam::000000000000:role/firehose',
          CompressionFormat: 'GZIP',
          BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
        },
      },
    } as never);
  });
  const put = (text: string) =>
    firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from(text) } }));
  const delivered = async (): Promise<readonly string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const texts: string[] = [];
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      texts.push(gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString());
    }
    return texts;
  };
  /** What was delivered since it was last asked. */
  const news = async (seen: readonly string[]): Promise<readonly string[]> => {
    const all = [...(await delivered())];
    for (const text of seen) all.splice(all.indexOf(text), 1);
    return all;
  };

  it('buffers for its interval and delivers the records in one object', async () => {
    await put('{"a":1}\n');
    await put('{"a":2}\n');
    const before = await delivered();

    await target.wait(61_000);

    expect(before).toEqual([]);
    expect(await delivered()).toEqual(['{"a":1}\n{"a":2}\n']);
  });

  it('refuses 501 records, a record above 1,000 KiB and a batch above 4 MiB', async () => {
    const batch = (count: number, bytes: number) =>
      firehose.send(
        new PutRecordBatchCommand({
          DeliveryStreamName,
          Records: Array.from({ length: count }, () => ({ Data: Buffer.alloc(bytes) })),
        }),
      );

    await expect(batch(501, 1)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(batch(1, 1_024_001)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(batch(5, 1_000_000)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  it('delivers again when S3 refused, later when it was slow, and twice when it was told twice', async () => {
    const seen = await delivered();

    fault = { kind: 'reject' };
    await put('refused once\n');
    await target.wait(61_000);
    const afterRefusal = await news(seen);
    fault = undefined;
    await target.wait(20_000);
    const afterRetry = await news(seen);

    fault = { kind: 'duplicate' };
    await put('twice\n');
    await target.wait(61_000);
    fault = undefined;

    expect(afterRefusal).toEqual([]);
    expect(afterRetry).toEqual(['refused once\n']);
    expect(await news([...seen, ...afterRetry])).toEqual(['twice\n', 'twice\n']);
  });
});
