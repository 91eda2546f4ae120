import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceProvider } from '../../../../../infra/local/contracts.ts';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const DAY_MS = 86_400_000;
let local: StartedService;
let client: S3Client;

beforeEach(async () => {
  local = await startLocalService(createS3Service);
  client = new S3Client(local.clientConfig);
});

afterEach(async () => {
  client.destroy();
  await local.stop();
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
    await provider('AWS::S3::BucketPolicy').create(
      context({ Bucket: physicalId, PolicyDocument: { Statement: [] } }, 'Policy'),
    );

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
    await expect(provider('AWS::S3::Bucket').create(context({ AccelerateConfiguration: {} }))).rejects.toThrow(
      'AccelerateConfiguration',
    );
  });
});
