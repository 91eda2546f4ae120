import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const DAY_MS = 86_400_000;
const Bucket = 'kept';
let local: StartedService;
let client: S3Client;

beforeEach(async () => {
  local = await startLocalService((context) => createS3Service(context, { blobs: 'memory' }));
  client = new S3Client(local.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
});
afterEach(async () => {
  client.destroy();
  await local.stop();
});

const rule = (fields: Omit<LifecycleRule, 'Status'>) =>
  client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, ...fields }] },
    }),
  );
const put = async (Key: string, more: object = {}) =>
  (await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }))).VersionId;
const versions = async () => {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return {
    versions: Versions.map(({ VersionId }) => VersionId),
    markers: DeleteMarkers.map(({ Key }) => Key),
  };
};
const days = (count: number) => local.clock.advanceBy(count * DAY_MS);

describe('a lifecycle rule', () => {
  it('keeps so many noncurrent versions, whatever their age', async () => {
    await rule({ NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 } });
    const written: (string | undefined)[] = [];
    for (let index = 0; index < 5; index += 1) written.push(await put('k'));

    await days(3);

    expect((await versions()).versions).toEqual(written.slice(2).reverse());
  });

  it('removes a delete marker under which nothing is left', async () => {
    await rule({
      Expiration: { ExpiredObjectDeleteMarker: true },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    await put('k');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    const before = await versions();

    await days(4);

    expect(before).toMatchObject({ markers: ['k'] });
    expect(await versions()).toEqual({ versions: [], markers: [] });
  });

  it('chooses by tag and size', async () => {
    await rule({
      Filter: { And: { Prefix: 'logs/', Tags: [{ Key: 'kind', Value: 'log' }], ObjectSizeGreaterThan: 3 } },
      Expiration: { Days: 1 },
    });
    await put('logs/chosen', { Tagging: 'kind=log', Body: 'long' });
    await put('logs/small', { Tagging: 'kind=log' });
    await put('logs/other', { Tagging: 'kind=model', Body: 'long' });

    await days(2);

    expect((await versions()).markers).toEqual(['logs/chosen']);
  });

  it('moves objects to a cheaper class, and refuses archives', async () => {
    await rule({ Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }] });
    await put('k');
    const classOf = async () => (await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).StorageClass;

    const before = await classOf();
    await days(31);

    expect([before, await classOf()]).toEqual([undefined, 'STANDARD_IA']);
    await expect(rule({ Transitions: [{ Days: 30, StorageClass: 'GLACIER' }] })).rejects.toThrow(
      'StorageClass GLACIER',
    );
  });

  it('leaves a locked version until its date', async () => {
    await rule({ NoncurrentVersionExpiration: { NoncurrentDays: 1 } });
    const until = new Date(local.clock.nowMs() + 10 * DAY_MS);
    const locked = await put('k', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until });
    const current = await put('k');

    await days(5);
    const meanwhile = await versions();
    await days(7);

    expect(meanwhile.versions).toEqual([current, locked]);
    expect((await versions()).versions).toEqual([current]);
  });
});

it('a bucket with locks keeps its versions on', async () => {
  await expect(
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
  ).rejects.toMatchObject({ name: 'InvalidBucketState' });
});
