import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  NoSuchKey,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceProvider } from '../../../../../infra/local/contracts.ts';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const Bucket = 'artifacts';
const DAY_MS = 86_400_000;
let folder: string;
let local: StartedService;
let client: S3Client;

const start = async (): Promise<void> => {
  local = await startLocalService(createS3Service, { folder });
  client = new S3Client(local.clientConfig);
};
const stop = async (): Promise<void> => {
  client.destroy();
  await local.stop();
};
const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more: object = {}): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? '';
};
const versioning = (Status: 'Enabled' | 'Suspended') =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const blobCount = (): number =>
  readdirSync(join(folder, 's3', 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 64)
    .length;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-s3-'));
  await start();
  await client.send(new CreateBucketCommand({ Bucket }));
});

afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('objects', () => {
  it('come back as they were put, with headers, metadata and checksum', async () => {
    const written = await put('models/a b+ü%.json', '{"a":1}', {
      ContentType: 'application/json',
      CacheControl: 'max-age=1',
      Metadata: { digest: 'abc' },
      ChecksumAlgorithm: 'SHA256',
    });

    const read = await client.send(
      new GetObjectCommand({ Bucket, Key: 'models/a b+ü%.json', ChecksumMode: 'ENABLED' }),
    );

    expect(await read.Body?.transformToString()).toBe('{"a":1}');
    expect(read).toMatchObject({
      ETag: `"${hash('md5', '{"a":1}')}"`,
      ContentType: 'application/json',
      CacheControl: 'max-age=1',
      Metadata: { digest: 'abc' },
      ChecksumSHA256: hash('sha256', '{"a":1}', 'base64'),
      ServerSideEncryption: 'AES256',
    });
    expect(written.ETag).toBe(read.ETag);
  });

  it('are taken from streams in aws-chunked encoding and kept without its frames', async () => {
    const bytes = Buffer.alloc(300_000, 'flight');

    await put('streamed', Readable.from([bytes.subarray(0, 100_001), bytes.subarray(100_001)]), {
      ContentLength: bytes.length,
    });

    const { ContentLength, ContentEncoding, ETag } = await client.send(
      new HeadObjectCommand({ Bucket, Key: 'streamed' }),
    );
    expect({ ContentLength, ContentEncoding, ETag }).toEqual({
      ContentLength: bytes.length,
      ContentEncoding: undefined,
      ETag: `"${createHash('md5').update(bytes).digest('hex')}"`,
    });
  });

  it('are refused when they do not match what was said of them, and leave nothing behind', async () => {
    await expect(put('k', 'body', { ContentMD5: hash('md5', 'other', 'base64') })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(put('k', 'body', { ChecksumSHA256: hash('sha256', 'other', 'base64') })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    expect(blobCount()).toBe(0);
    expect(readdirSync(join(folder, 's3', 'incoming'))).toEqual([]);
  });

  it('are written conditionally: one of many racing creators wins, a stale ETag loses', async () => {
    const racers = Array.from({ length: 10 }, (_, index) => put('once', `writer ${index}`, { IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled(racers);
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket, Key: 'once' }));

    await put('once', 'second', { IfMatch: ETag });

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(put('once', 'third', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await text('once')).toBe('second');
  });

  it('are read in part and conditionally', async () => {
    const { ETag } = await put('k', '0123456789');

    expect(await text('k', { Range: 'bytes=2-4' })).toBe('234');
    await expect(text('k', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
    await expect(text('k', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(text('k', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(text('none')).rejects.toBeInstanceOf(NoSuchKey);
  });

  it('share the bytes of equal contents until the last of them goes', async () => {
    await put('a', 'same');
    await client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
    expect(blobCount()).toBe(1);

    await put('a', 'changed');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect(await text('b')).toBe('same');

    await client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
    expect(blobCount()).toBe(0);
  });

  it('are found by the host name as well as by the path', async () => {
    await put('folder/k', 'by host');
    const lookup = (_: string, __: object, done: (error: null, addresses: object[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    const hosted = new S3Client({
      ...local.clientConfig,
      endpoint: local.endpoint.replace('127.0.0.1', 'localhost'),
      requestHandler: { httpAgent: new Agent({ lookup } as object) },
    });

    const { Body, $metadata } = await hosted.send(new GetObjectCommand({ Bucket, Key: 'folder/k' }));

    expect($metadata.httpStatusCode).toBe(200);
    expect(await Body?.transformToString()).toBe('by host');
    hosted.destroy();
  });

  it('stand after a restart', async () => {
    await put('k', 'kept');

    await stop();
    await start();

    expect(await text('k')).toBe('kept');
  });
});

describe('versions', () => {
  it('hide behind a delete marker and come back when it is removed', async () => {
    await put('k', 'before versions');
    await versioning('Enabled');
    const { VersionId } = await put('k', 'second');
    const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));

    expect(marker.DeleteMarker).toBe(true);
    await expect(text('k')).rejects.toBeInstanceOf(NoSuchKey);
    expect(await text('k', { VersionId })).toBe('second');
    expect(await text('k', { VersionId: 'null' })).toBe('before versions');

    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }));
    expect(await text('k')).toBe('second');
  });

  it('are listed newest first, page by page, also when the marker is deleted in between', async () => {
    await versioning('Enabled');
    const ids: (string | undefined)[] = [];
    for (const body of ['1', '2', '3']) ids.push((await put('k', body)).VersionId);

    const first = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
    for (const { VersionId } of first.Versions ?? []) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
    }
    const second = await client.send(
      new ListObjectVersionsCommand({
        Bucket,
        KeyMarker: first.NextKeyMarker,
        VersionIdMarker: first.NextVersionIdMarker,
      }),
    );

    const listed = [...(first.Versions ?? []), ...(second.Versions ?? [])].map(({ VersionId }) => VersionId);
    expect(listed).toEqual(ids.toReversed());
  });
});

describe('listings', () => {
  it('give every key and common prefix once and in order, whatever the page size', async () => {
    const keys = ['a', 'a/1', 'a/2', 'a/b/3', 'a0', 'b/', 'b/4', 'ü/5', '\u{1f600}/6', '\uffff'];
    for (const key of keys) await put(key, key);
    const model = (prefix: string, delimiter: string): string[] => {
      const found = keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => {
          const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
          return end < 0 ? key : key.slice(0, end + 1);
        });
      return [...new Set(found)].toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    };
    const list = async (Prefix: string, Delimiter: string, MaxKeys: number): Promise<string[]> => {
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page: Awaited<ReturnType<typeof send>> = await send({ Prefix, Delimiter, MaxKeys, ContinuationToken });
        const names = [
          ...(page.Contents ?? []).map(({ Key }) => Key),
          ...(page.CommonPrefixes ?? []).map((it) => it.Prefix),
        ];
        expect(page.KeyCount).toBe(names.length);
        found.push(...names.map(String));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return found;
    };
    const send = (input: object) => client.send(new ListObjectsV2Command({ Bucket, ...input }));

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', 'a', 'a/', 'b/', 'x'),
        fc.constantFrom('', '/'),
        fc.integer({ min: 1, max: 5 }),
        async (prefix, delimiter, maxKeys) => {
          const found = await list(prefix, delimiter, maxKeys);
          expect(found.toSorted()).toEqual(model(prefix, delimiter).toSorted());
          if (maxKeys === 1) expect(found).toEqual(model(prefix, delimiter));
        },
      ),
      { numRuns: 25 },
    );
  });
});

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

describe('events', () => {
  const enable = () =>
    client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    );

  it('go to the default bus once the bucket sends them', async () => {
    await put('quiet', 'x');
    await enable();
    await put('runs/a', 'body');
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'runs/a' }] } }));

    expect(local.recorded.events).toMatchObject([
      {
        busName: 'default',
        source: 'aws.s3',
        detailType: 'Object Created',
        resources: ['arn:aws:s3:::artifacts'],
        detail: { bucket: { name: Bucket }, object: { key: 'runs/a', size: 4 }, reason: 'PutObject' },
      },
      { detailType: 'Object Deleted', detail: { object: { key: 'runs/a' }, 'deletion-type': 'Permanently Deleted' } },
    ]);
  });

  it('that could not be handed on are handed on after the restart', async () => {
    await enable();
    await stop();
    local = await startLocalService(createS3Service, {
      folder,
      ports: {
        putEvent: () => {
          throw new Error('the bus is down');
        },
      },
    });
    client = new S3Client(local.clientConfig);
    await expect(put('k', 'x')).rejects.toThrow();

    await stop();
    await start();

    expect(local.recorded.events).toMatchObject([{ detail: { object: { key: 'k' } } }]);
    expect(await text('k')).toBe('x');
  });
});

describe('what is not supported', () => {
  it('is refused by name', async () => {
    await expect(client.send(new GetBucketAclCommand({ Bucket }))).rejects.toThrow('query parameter acl');
    await expect(put('k', 'x', { ObjectLockLegalHoldStatus: 'ON' })).rejects.toThrow('x-amz-object-lock-legal-hold');
    await expect(put('k', 'x', { ACL: 'public-read' })).rejects.toThrow('x-amz-acl');
    await expect(put('k', 'x', { StorageClass: 'GLACIER' })).rejects.toThrow('x-amz-storage-class GLACIER');
  });
});

describe('AWS::S3::Bucket', () => {
  const provider = (type: string): ResourceProvider => {
    const found = local.services[0]?.resources[type];
    if (!found) throw new Error(`no provider of ${type}`);
    return found;
  };
  const context = (properties: object, logicalId = 'Artifacts') => ({
    stackName: 'data',
    logicalId,
    generatedName: `Data-${logicalId}-1ABC`,
    properties: { ...properties },
  });

  it('applies versions, encryption and events, and a policy by its own type', async () => {
    const { physicalId, attributes } = await provider('AWS::S3::Bucket').create(
      context({
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'arn:aws:kms:r:0:key/k' } },
          ],
        },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true },
      }),
    );
    await provider('AWS::S3::BucketPolicy').create(context({ Bucket: physicalId, PolicyDocument: {} }, 'Policy'));

    const written = await client.send(new PutObjectCommand({ Bucket: physicalId, Key: 'k', Body: 'x' }));

    expect(attributes).toMatchObject({ Arn: 'arn:aws:s3:::data-artifacts-1abc' });
    expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'arn:aws:kms:r:0:key/k' });
    expect(written.VersionId).toHaveLength(32);
    expect(local.recorded.events).toHaveLength(1);
  });

  it('expires objects by its lifecycle rules at midnight, and goes only when empty', async () => {
    const bucket = provider('AWS::S3::Bucket');
    const rule = { Status: 'Enabled', Prefix: 'tmp/', ExpirationInDays: 2 };
    const { physicalId } = await bucket.create(context({ LifecycleConfiguration: { Rules: [rule] } }));
    for (const Key of ['tmp/a', 'kept'])
      await client.send(new PutObjectCommand({ Bucket: physicalId, Key, Body: 'x' }));
    const keys = async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: physicalId }));
      return Contents.map(({ Key }) => Key);
    };

    await local.clock.advanceBy(2 * DAY_MS - 1);
    expect(await keys()).toEqual(['kept', 'tmp/a']);
    await local.clock.advanceBy(1);
    expect(await keys()).toEqual(['kept']);

    await expect(bucket.delete({ ...context({}), physicalId })).rejects.toThrow('not empty');
    await client.send(new DeleteObjectCommand({ Bucket: physicalId, Key: 'kept' }));
    await bucket.delete({ ...context({}), physicalId });
    await expect(keys()).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('refuses properties that it does not know by name', async () => {
    await expect(provider('AWS::S3::Bucket').create(context({ ObjectLockEnabled: true }))).rejects.toThrow(
      'ObjectLockEnabled',
    );
  });
});
