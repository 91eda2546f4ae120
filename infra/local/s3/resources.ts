import { AwsError, type ResourceContext, type ResourceProvider } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import type { S3Context } from './bucket-access.ts';
import { newBucket, requireBucketName } from './bucket-definition.ts';
import { s3Error } from './errors.ts';
import type { LifecycleTimer } from './lifecycle.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import { kmsKeyArn } from './object-headers.ts';
import type { BucketRecord, Encryption } from './records.ts';

type Settings = Omit<BucketRecord, 'name' | 'createdAtMs' | 'versioning' | 'policy'> & {
  readonly versioned: boolean;
};

const ALGORITHMS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

const readEncryption = (fields: Fields, { identity }: S3Context): Encryption | undefined =>
  fields.object('BucketEncryption', (encryption) => {
    const rules = encryption.list('ServerSideEncryptionConfiguration', (rule) => {
      const bucketKey = rule.flag('BucketKeyEnabled');
      const byDefault = rule.object('ServerSideEncryptionByDefault', (given) => {
        const key = given.text('KMSMasterKeyID');
        const algorithm = given.choice('SSEAlgorithm', ALGORITHMS) ?? 'AES256';
        return { algorithm, ...(key === undefined ? {} : { keyArn: kmsKeyArn(identity, key) }) };
      });
      return { ...(byDefault ?? { algorithm: 'AES256' as const }), ...(bucketKey === undefined ? {} : { bucketKey }) };
    });
    return rules?.[0];
  });

const LIMITS = { min: 1, max: 36_500 };

const readRule = (fields: Fields): LifecycleRule | undefined => {
  const enabled = fields.choice('Status', ['Enabled', 'Disabled']) === 'Enabled';
  const expirationDays = fields.integer('ExpirationInDays', LIMITS);
  const noncurrentDays = fields.object('NoncurrentVersionExpiration', (noncurrent) =>
    noncurrent.integer('NoncurrentDays', LIMITS),
  );
  const abortUploadsAfterDays = fields.object('AbortIncompleteMultipartUpload', (abort) =>
    abort.integer('DaysAfterInitiation', LIMITS),
  );
  // Cheaper classes change the bill and nothing that a program sees; a marker left without versions hides nothing.
  fields.accept('Transitions', 'NoncurrentVersionTransitions', 'ExpiredObjectDeleteMarker');
  const rule = {
    id: fields.text('Id') ?? '',
    prefix: fields.text('Prefix') ?? '',
    ...(expirationDays === undefined ? {} : { expirationDays }),
    ...(noncurrentDays === undefined ? {} : { noncurrentDays }),
    ...(abortUploadsAfterDays === undefined ? {} : { abortUploadsAfterDays }),
  };
  return enabled ? rule : undefined;
};

const readLifecycle = (fields: Fields): readonly LifecycleRule[] =>
  fields
    .object('LifecycleConfiguration', (configuration) => {
      // Concerns transitions alone.
      configuration.accept('TransitionDefaultMinimumObjectSize');
      return configuration.list('Rules', readRule);
    })
    ?.flatMap((rule) => (rule === undefined ? [] : [rule])) ?? [];

const readEventBridge = (fields: Fields): boolean =>
  fields.object('NotificationConfiguration', (notification) =>
    // Present means on: `EventBridgeEnabled` defaults to true.
    notification.object('EventBridgeConfiguration', (bridge) => bridge.flag('EventBridgeEnabled') ?? true),
  ) ?? false;

const PUBLIC_ACCESS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const readPublicAccess = (fields: Fields): Readonly<Record<string, boolean>> | undefined =>
  fields.object('PublicAccessBlockConfiguration', (block) =>
    Object.fromEntries(PUBLIC_ACCESS.map((name) => [name, block.flag(name) ?? false])),
  );

const readTags = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.list('Tags', (tag) => [tag.requiredText('Key'), tag.text('Value') ?? ''] as const) ?? []);

const readSettings = (context: ResourceContext, cloud: S3Context): Settings & { readonly name: string } =>
  readProperties(context, (fields) => {
    const publicAccessBlock = readPublicAccess(fields);
    const settings = {
      name: fields.text('BucketName') ?? context.generatedName,
      versioned:
        fields.object('VersioningConfiguration', (it) => it.choice('Status', ['Enabled', 'Suspended'])) === 'Enabled',
      encryption: readEncryption(fields, cloud) ?? ({ algorithm: 'AES256' } as const),
      eventBridge: readEventBridge(fields),
      lifecycle: readLifecycle(fields),
      ...(publicAccessBlock ? { publicAccessBlock } : {}),
      tags: readTags(fields),
    };
    // One account owns every object here, and access logs would tell of one laptop's own requests.
    fields.accept('OwnershipControls', 'LoggingConfiguration');
    return settings;
  });

const applied = (
  bucket: BucketRecord,
  { versioned, name: _, ...settings }: Settings & { name: string },
): BucketRecord => {
  const { versioning, publicAccessBlock: __, ...kept } = bucket;
  // Versioning cannot be undone, only suspended.
  const next = versioned ? 'Enabled' : versioning && 'Suspended';
  return { ...kept, ...settings, ...(next ? { versioning: next } : {}) };
};

const MAX_NAME_LENGTH = 63;

/** Generated names may be long and hold capitals, which buckets' may not; the suffix that makes them unique stays. */
const bucketNameOf = (name: string): string => {
  const lower = name.toLowerCase();
  if (lower.length <= MAX_NAME_LENGTH) return lower;
  const suffix = lower.slice(lower.lastIndexOf('-'));
  return `${lower.slice(0, MAX_NAME_LENGTH - suffix.length).replace(/[.-]+$/, '')}${suffix}`;
};

const provisioned = ({ identity }: S3Context, name: string) => ({
  physicalId: name,
  attributes: {
    Arn: `arn:${identity.partition}:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${identity.region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${identity.region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${identity.region}.amazonaws.com`,
  },
});

export const createBucketProvider = (cloud: S3Context, lifecycle: LifecycleTimer): ResourceProvider => {
  const { store } = cloud;
  const save = (name: string, settings: Settings & { name: string }): void => {
    const bucket = store.bucket(name) ?? newBucket(name, cloud.nowMs());
    store.transaction(() => store.saveBucket(applied(bucket, settings)));
    lifecycle.arm();
  };
  return {
    create: async (context) => {
      const settings = readSettings(context, cloud);
      const name = bucketNameOf(settings.name);
      requireBucketName(name);
      save(name, settings);
      return provisioned(cloud, name);
    },
    update: async (context) => {
      const before = readSettings({ ...context, properties: context.previousProperties }, cloud);
      const settings = readSettings(context, cloud);
      if (before.name !== settings.name) {
        throw new AwsError(
          'UnsupportedProperty',
          'AWS::S3::Bucket property BucketName cannot change on a bucket that stands: AWS would replace the bucket',
        );
      }
      save(context.physicalId, settings);
      return provisioned(cloud, context.physicalId);
    },
    delete: async ({ physicalId }) => {
      if (store.bucket(physicalId) === undefined) return;
      if (!store.isEmpty(physicalId)) throw s3Error('BucketNotEmpty', { BucketName: physicalId });
      store.transaction(() => {
        for (const { uploadId } of store.uploads.list(physicalId)) store.uploads.remove(uploadId);
        store.removeBucket(physicalId);
      });
    },
  };
};

/** The policy is kept on its bucket, for whoever enforces it. */
export const createBucketPolicyProvider = ({ store }: S3Context): ResourceProvider => {
  const put = (context: ResourceContext) => {
    const { bucketName, policy } = readProperties(context, (fields) => ({
      bucketName: fields.requiredText('Bucket'),
      policy: fields.raw('PolicyDocument'),
    }));
    const bucket = store.bucket(bucketName);
    if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: bucketName });
    store.transaction(() => store.saveBucket({ ...bucket, policy }));
    return { physicalId: bucketName, attributes: {} };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => put(context),
    delete: async ({ physicalId }) => {
      const bucket = store.bucket(physicalId);
      if (bucket === undefined) return;
      const { policy: _, ...rest } = bucket;
      store.transaction(() => store.saveBucket(rest));
    },
  };
};
