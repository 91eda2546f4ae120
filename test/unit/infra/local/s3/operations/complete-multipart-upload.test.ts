import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../../helpers/local-service.ts';

const Bucket = 'artifacts';
let local: StartedService;
let client: S3Client;

beforeEach(async () => {
  local = await startLocalService(createS3Service);
  client = new S3Client(local.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket }));
});

afterEach(async () => {
  client.destroy();
  await local.stop();
});

const text = async (Key: string, more: object): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? '';
};

describe('multipart uploads', () => {
  const PART = Buffer.alloc(5 * 1024 * 1024, 'p');
  const begin = async (Key: string) =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'x/y' }))).UploadId;
  const part = async (Key: string, UploadId: string | undefined, PartNumber: number, Body: Buffer) => {
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { ETag, PartNumber };
  };
  const complete = (
    Key: string,
    UploadId: string | undefined,
    Parts: { ETag: string | undefined; PartNumber: number }[],
  ) => client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

  it('join their parts, and answer again when the first answer was lost', async () => {
    const UploadId = await begin('big');
    const parts = [await part('big', UploadId, 1, PART), await part('big', UploadId, 4, Buffer.from('end'))];

    const first = await complete('big', UploadId, parts);
    const second = await complete('big', UploadId, parts);

    const joined = createHash('md5');
    for (const bytes of [PART, Buffer.from('end')]) joined.update(createHash('md5').update(bytes).digest());
    expect(first.ETag).toBe(`"${joined.digest('hex')}-2"`);
    expect(second.ETag).toBe(first.ETag);
    expect(await text('big', { Range: `bytes=${PART.length - 1}-` })).toBe('pend');
    expect(await text('big', { PartNumber: 2 })).toBe('end');
  });

  it.each([
    ['a part that is too small', 'EntityTooSmall', [Buffer.from('small'), Buffer.from('end')], (n: number) => n],
    ['parts out of order', 'InvalidPartOrder', [PART, Buffer.from('end')], (n: number) => 3 - n],
  ])('refuse %s', async (_, name, bodies, position) => {
    const UploadId = await begin('bad');
    const parts = [];
    for (const [index, body] of bodies.entries()) parts.push(await part('bad', UploadId, position(index + 1), body));

    await expect(complete('bad', UploadId, parts)).rejects.toMatchObject({ name });
  });
});
