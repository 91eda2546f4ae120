import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../infra/local/s3/service.ts';
import { createContractBucket } from '../../helpers/contract-bucket.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** What keeps the past of a bucket in S3, asked of the embedded one and, with `TEST_TARGET=aws`, of the real one. */

let target: ContractTarget;
let client: S3Client;
let Bucket: string;

beforeAll(async () => {
  target = await openContractTarget([createS3Service]);
  client = new S3Client(target.clientConfig);
  Bucket = await createContractBucket(target, client, 'unversioned');
});

afterAll(async () => {
  await target.stop();
  client.destroy();
});

describe('versions', () => {
  let versioned: string;
  beforeAll(async () => {
    versioned = await createContractBucket(target, client, 'versioned');
    await client.send(
      new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  });
  const write = async (Key: string, Body: string) =>
    (await client.send(new PutObjectCommand({ Bucket: versioned, Key, Body }))).VersionId;
  const read = async (Key: string, VersionId?: string) =>
    (await client.send(new GetObjectCommand({ Bucket: versioned, Key, VersionId }))).Body?.transformToString();

  it('bring a deleted object back when its marker is removed', async () => {
    await write('deleted', 'bytes');
    const { VersionId, DeleteMarker } = await client.send(
      new DeleteObjectCommand({ Bucket: versioned, Key: 'deleted' }),
    );
    await expect(read('deleted')).rejects.toMatchObject({ name: 'NoSuchKey' });

    const { DeleteMarkers } = await client.send(
      new ListObjectVersionsCommand({ Bucket: versioned, Prefix: 'deleted' }),
    );
    await client.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'deleted', VersionId }));

    expect(DeleteMarker).toBe(true);
    expect(DeleteMarkers).toMatchObject([{ VersionId, IsLatest: true }]);
    expect(await read('deleted')).toBe('bytes');
  });

  it('bring overwritten bytes back by a copy of the old version', async () => {
    const old = await write('overwritten', 'right');
    await write('overwritten', 'wrong');

    await client.send(
      new CopyObjectCommand({
        Bucket: versioned,
        Key: 'overwritten',
        CopySource: `${versioned}/overwritten?versionId=${old}`,
      }),
    );

    expect(await read('overwritten')).toBe('right');
    expect(await read('overwritten', old)).toBe('right');
  });

  it('are not there for an id that was never given', async () => {
    const given = await write('known', 'x');
    const other = `${given?.slice(0, -1)}${given?.endsWith('A') ? 'B' : 'A'}`;

    await expect(read('known', other)).rejects.toMatchObject({
      name: expect.stringMatching(/^NoSuchVersion$|^InvalidArgument$/),
    });
  });
});

describe('object lock', () => {
  let locked: string;
  beforeAll(async () => {
    locked = await createContractBucket(target, client, 'locked', { ObjectLockEnabledForBucket: true });
  });
  const lockedPut = async (Key: string, more: object = {}) =>
    (await client.send(new PutObjectCommand({ Bucket: locked, Key, Body: 'x', ...more }))).VersionId;
  const remove = (Key: string, VersionId: string | undefined, more: object = {}) =>
    client.send(new DeleteObjectCommand({ Bucket: locked, Key, VersionId, ...more }));

  it('keeps a version until its date, unless governance is bypassed', async () => {
    const { Date: now = new Date() } = await clock();
    const until = new Date(now.getTime() + 3_600_000);
    const VersionId = await lockedPut('governed', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: until });

    await expect(remove('governed', VersionId)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { Retention } = await client.send(new GetObjectRetentionCommand({ Bucket: locked, Key: 'governed' }));
    await expect(
      client.send(
        new PutObjectRetentionCommand({
          Bucket: locked,
          Key: 'governed',
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(until.getTime() - 60_000) },
        }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    await remove('governed', VersionId, { BypassGovernanceRetention: true });

    expect(Retention).toMatchObject({ Mode: 'GOVERNANCE' });
  });

  it('lays a marker over a locked version, which stays', async () => {
    const VersionId = await lockedPut('marked');
    await client.send(new PutObjectLegalHoldCommand({ Bucket: locked, Key: 'marked', LegalHold: { Status: 'ON' } }));

    const { DeleteMarker } = await remove('marked', undefined);

    expect(DeleteMarker).toBe(true);
    await expect(remove('marked', VersionId, { BypassGovernanceRetention: true })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await client.send(
      new PutObjectLegalHoldCommand({ Bucket: locked, Key: 'marked', VersionId, LegalHold: { Status: 'OFF' } }),
    );
    await remove('marked', VersionId);
  });

  it('gives new versions the bucket’s default, and cannot be had without versions', async () => {
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: locked,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
        },
      }),
    );

    const VersionId = await lockedPut('default');

    await expect(remove('default', VersionId)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(
      client.send(new PutBucketVersioningCommand({ Bucket: locked, VersioningConfiguration: { Status: 'Suspended' } })),
    ).rejects.toMatchObject({ name: 'InvalidBucketState' });
    await expect(
      client.send(new PutObjectCommand({ Bucket, Key: 'unlocked', Body: 'x', ObjectLockLegalHoldStatus: 'ON' })),
    ).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  /** The target's own time. */
  const clock = async () => {
    await lockedPut('clock');
    const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: locked, Key: 'clock' }));
    return { Date: LastModified };
  };
});

describe('lifecycle rules', () => {
  it('are given back as they were put, and refused when they do nothing', async () => {
    const Rules = [
      {
        ID: 'old',
        Status: 'Enabled' as const,
        Filter: { And: { Prefix: 'logs/', Tags: [{ Key: 'kind', Value: 'log' }] } },
        Expiration: { Days: 30 },
        NoncurrentVersionExpiration: { NoncurrentDays: 7, NewerNoncurrentVersions: 2 },
      },
      {
        ID: 'uploads',
        Status: 'Disabled' as const,
        Filter: { Prefix: '' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
      },
    ];
    const write = (rules: object[]) =>
      client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: rules as typeof Rules },
        }),
      );

    await write(Rules);

    const read = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(read.Rules).toEqual(Rules);
    await expect(write([{ ID: 'idle', Status: 'Enabled', Filter: { Prefix: '' } }])).rejects.toMatchObject({
      name: expect.stringMatching(/^InvalidRequest$|^MalformedXML$/),
    });
  });
});
