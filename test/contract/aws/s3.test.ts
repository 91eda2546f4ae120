import { hash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../infra/local/s3/service.ts';
import { createContractBucket } from '../../helpers/contract-bucket.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** What programs rely on in S3, asked of the embedded one and, with `TEST_TARGET=aws`, of the real one. */

/** The check value of CRC-64/NVME, ae8b14860a799888, of the text `123456789`. */
const CRC64_OF_NINE_DIGITS = 'rosUhgp5mIg=';

let target: ContractTarget;
let client: S3Client;
let Bucket: string;

const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more: object = {}): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? '';
};

beforeAll(async () => {
  target = await openContractTarget([createS3Service]);
  client = new S3Client(target.clientConfig);
  Bucket = await createContractBucket(target, client, 'plain');
});

afterAll(async () => {
  await target.stop();
  client.destroy();
});

describe('an object', () => {
  it('is refused when its checksum is of other bytes, by every algorithm, and nothing is written', async () => {
    const wrong = {
      ChecksumCRC32: 'AAAAAA==',
      ChecksumCRC32C: 'AAAAAA==',
      ChecksumCRC64NVME: 'AAAAAAAAAAA=',
      ChecksumSHA1: hash('sha1', 'other', 'base64'),
      ChecksumSHA256: hash('sha256', 'other', 'base64'),
    };

    for (const [name, value] of Object.entries(wrong)) {
      await expect(put('checked', 'bytes', { [name]: value })).rejects.toMatchObject({ name: 'BadDigest' });
    }

    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'checked' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('tells its checksum and its attributes', async () => {
    await put('attributes', 'bytes', { ChecksumAlgorithm: 'SHA256' });

    const attributes = await client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'attributes',
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass'],
      }),
    );

    expect(attributes).toMatchObject({
      ETag: hash('md5', 'bytes'),
      ObjectSize: 5,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumSHA256: hash('sha256', 'bytes', 'base64'), ChecksumType: 'FULL_OBJECT' },
    });
  });

  it('may be created only once by fifty writers that race for it', async () => {
    const writers = Array.from({ length: 50 }, (_, index) => put('race', `writer ${index}`, { IfNoneMatch: '*' }));

    const outcomes = await Promise.allSettled(writers);

    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [`writer ${index}`] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : []));
    expect(winners).toEqual([await text('race')]);
    // AWS answers a conflict to writers that come while another's write is under way.
    expect(refused.every((name) => ['PreconditionFailed', 'ConditionalRequestConflict'].includes(name))).toBe(true);
    expect(refused).toHaveLength(49);
  });

  it('is replaced and deleted only while it is the one that was meant', async () => {
    const { ETag: first } = await put('meant', 'one');
    const { ETag: second } = await put('meant', 'two', { IfMatch: first });

    await expect(put('meant', 'three', { IfMatch: first })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('absent', 'three', { IfMatch: first })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client.send(new DeleteObjectCommand({ Bucket, Key: 'meant', IfMatch: first }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'meant', IfMatch: second }));

    await expect(text('meant')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('is read in part, and as a whole where several ranges are asked for', async () => {
    await put('ranges', '0123456789');

    expect(await text('ranges', { Range: 'bytes=2-4' })).toBe('234');
    expect(await text('ranges', { Range: 'bytes=-3' })).toBe('789');
    expect(await text('ranges', { Range: 'bytes=7-99' })).toBe('789');
    expect(await text('ranges', { Range: 'bytes=0-1,4-5' })).toBe('0123456789');
    await expect(text('ranges', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('is copied with its metadata and tags, or with new ones', async () => {
    await put('from', 'bytes', { Metadata: { digest: 'abc' }, Tagging: 'kind=model', ContentType: 'text/plain' });
    const CopySource = `${Bucket}/from`;

    await client.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource }));
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'new',
        CopySource,
        MetadataDirective: 'REPLACE',
        Metadata: { digest: 'def' },
      }),
    );

    const kept = await client.send(new HeadObjectCommand({ Bucket, Key: 'kept' }));
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'kept' }));
    expect(kept).toMatchObject({ Metadata: { digest: 'abc' }, ContentType: 'text/plain' });
    expect(TagSet).toEqual([{ Key: 'kind', Value: 'model' }]);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'new' }))).Metadata).toEqual({ digest: 'def' });
    await expect(client.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource }))).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
  });
});

describe('limits', () => {
  it('refuses a key of more than 1,024 bytes', async () => {
    await put('k'.repeat(1_024), 'x');

    await expect(put('k'.repeat(1_025), 'x')).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  it('refuses more than 2 KB of metadata', async () => {
    await put('metadata', 'x', { Metadata: { k: 'v'.repeat(2_047) } });

    await expect(put('metadata', 'x', { Metadata: { k: 'v'.repeat(2_048) } })).rejects.toMatchObject({
      name: 'MetadataTooLarge',
    });
  });

  it('refuses more than ten tags', async () => {
    const tags = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&');

    await expect(put('tags', 'x', { Tagging: tags })).rejects.toMatchObject({ name: 'InvalidTag' });
  });

  it('lists at most a thousand keys a page, and deletes at most a thousand a request', async () => {
    const Objects = Array.from({ length: 1_001 }, (_, index) => ({ Key: `none/${index}` }));

    const { MaxKeys } = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 5_000, Prefix: 'none/' }));

    expect(MaxKeys).toBe(1_000);
    await expect(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).rejects.toMatchObject({
      name: 'MalformedXML',
    });
  });
});

describe('a multipart upload', () => {
  const begin = async (Key: string, more: object = {}): Promise<string> => {
    const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
    return UploadId;
  };
  const uploadPart = async (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array) => {
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { ETag, PartNumber };
  };
  const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
    client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));

  it('refuses parts below 5 MB but the last, and part numbers above 10,000', async () => {
    const UploadId = await begin('small');
    const parts = [
      await uploadPart('small', UploadId, 1, new Uint8Array(5 * 1024 * 1024 - 1)),
      await uploadPart('small', UploadId, 2, new Uint8Array(1)),
    ];

    await expect(uploadPart('small', UploadId, 10_001, new Uint8Array(1))).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
    await expect(complete('small', UploadId, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'small', UploadId }));
    await expect(complete('small', UploadId, parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('is completed conditionally', async () => {
    const UploadId = await begin('conditional');
    const parts = [await uploadPart('conditional', UploadId, 1, new Uint8Array(10))];
    await put('conditional', 'first');

    await expect(complete('conditional', UploadId, parts, { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'conditional' }));
    await complete('conditional', UploadId, parts, { IfNoneMatch: '*' });

    expect(await text('conditional')).toBe('\0'.repeat(10));
  });

  it('has the composite checksum of its parts, or that of the whole', async () => {
    const bytes = new TextEncoder().encode('123456789');
    const composite = await begin('composite', { ChecksumAlgorithm: 'SHA256' });
    const whole = await begin('whole', { ChecksumAlgorithm: 'CRC64NVME' });

    const { ChecksumSHA256, ETag } = await client.send(
      new UploadPartCommand({
        Bucket,
        Key: 'composite',
        UploadId: composite,
        PartNumber: 1,
        Body: bytes,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const first = await complete('composite', composite, [{ PartNumber: 1, ETag, ChecksumSHA256 }]);
    const { ETag: wholeTag } = await client.send(
      new UploadPartCommand({
        Bucket,
        Key: 'whole',
        UploadId: whole,
        PartNumber: 1,
        Body: bytes,
        ChecksumCRC64NVME: CRC64_OF_NINE_DIGITS,
      }),
    );
    const second = await complete('whole', whole, [{ PartNumber: 1, ETag: wholeTag }]);

    const parts = hash('sha256', hash('sha256', bytes, 'buffer'), 'base64');
    expect(first).toMatchObject({ ChecksumSHA256: `${parts}-1`, ChecksumType: 'COMPOSITE' });
    expect(second).toMatchObject({ ChecksumCRC64NVME: CRC64_OF_NINE_DIGITS, ChecksumType: 'FULL_OBJECT' });
  });
});
