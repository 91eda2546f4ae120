import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
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
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';
import { fc } from '../../../../helpers/properties.ts';

const Bucket = 'artifacts';
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

describe('limits', () => {
  /** A request whose head alone is sent: the answer must come without the body. */
  const headOnly = (path: string, headers: Readonly<Record<string, string>>) =>
    local.services[0]?.handle({
      method: 'PUT',
      url: new URL(`${local.endpoint}${path}`),
      headers,
      body: new Readable({
        read() {
          throw new Error('the body must not be read');
        },
      }),
      readBody: () => Promise.reject(new Error('the body must not be read')),
      caller: { arn: 'arn:aws:iam::000000000000:user/local', accessKeyId: 'local' },
      requestId: 'request-1',
    });

  it('of 5 GiB a request is told by the length, before a byte is read', async () => {
    const tooLarge = String(5 * 1024 ** 3 + 1);

    const plain = await headOnly(`/${Bucket}/k`, { 'content-length': tooLarge });
    const chunked = await headOnly(`/${Bucket}/k`, { 'x-amz-decoded-content-length': tooLarge });

    expect([plain?.status, chunked?.status]).toEqual([400, 400]);
    expect(String(plain?.body)).toContain('<Code>EntityTooLarge</Code>');
  });

  it('of seven days hold for presigned URLs', async () => {
    const presigned = (seconds: number) => headOnly(`/${Bucket}/k?X-Amz-Expires=${seconds}`, { 'content-length': '0' });

    const refused = await presigned(604_801);

    expect(refused?.status).toBe(400);
    expect(String(refused?.body)).toContain('<Code>AuthorizationQueryParametersError</Code>');
    await expect(presigned(604_800)).rejects.toThrow('the body must not be read');
  });
});

describe('what is not supported', () => {
  it('is refused by name', async () => {
    await expect(client.send(new GetBucketAclCommand({ Bucket }))).rejects.toThrow('query parameter acl');
    await expect(put('k', 'x', { WebsiteRedirectLocation: '/y' })).rejects.toThrow('x-amz-website-redirect-location');
    await expect(put('k', 'x', { ACL: 'public-read' })).rejects.toThrow('x-amz-acl');
    await expect(put('k', 'x', { StorageClass: 'GLACIER' })).rejects.toThrow('x-amz-storage-class GLACIER');
  });
});
