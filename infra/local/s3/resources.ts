import { AwsError, type ResourceContext, type ResourceProvider } from '../contracts.ts';
import { checkPolicy } from '../iam/check-policy.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import type { S3Context } from './bucket-access.ts';
import { newBucket, requireBucketName } from './bucket-definition.ts';
import { s3Error } from './errors.ts';
import type { LifecycleTimer } from './lifecycle.ts';
import { midnight } from './lifecycle-document.ts';
import { type LifecycleRule, RULE_DAYS, RULE_KEPT_VERSIONS, TRANSITION_CLASSES } from './lifecycle-rule.ts';
import { kmsKeyArn } from './object-headers.ts';
import { RETENTION_MODES } from './object-lock.ts';
import type { BucketRecord, DefaultRetention, Encryption } from './records.ts';

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

const readTransition = (fields: Fields): { readonly days: number; readonly storageClass: string } => {
  if (fields.raw('TransitionDate') !== undefined) throw fields.refuse('TransitionDate', 'is not supported here');
  const storageClass = fields.choice('StorageClass', TRANSITION_CLASSES);
  const days = fields.integer('TransitionInDays', { min: 0, max: RULE_DAYS.max });
  if (days === undefined || storageClass === undefined) {
    throw fields.refuse('TransitionInDays', 'and StorageClass are required');
  }
  return { days, storageClass };
};

const readSize = (fields: Fields, name: string): number | undefined =>
  fields.integer(name, { min: 0, max: Number.MAX_SAFE_INTEGER });

/** Without the fields that are undefined. */
const present = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const readFilters = (fields: Fields) => {
  const tags = fields.list('TagFilters', (tag) => [tag.requiredText('Key'), tag.text('Value') ?? ''] as const);
  return {
    tags: tags && Object.fromEntries(tags),
    largerThan: readSize(fields, 'ObjectSizeGreaterThan'),
    smallerThan: readSize(fields, 'ObjectSizeLessThan'),
  };
};

const readExpirations = (fields: Fields) => {
  const noncurrent = fields.object('NoncurrentVersionExpiration', (given) => ({
    noncurrentDays: given.integer('NoncurrentDays', RULE_DAYS),
    keptVersions: given.integer('NewerNoncurrentVersions', RULE_KEPT_VERSIONS),
  }));
  const date = fields.text('ExpirationDate');
  return {
    expirationDays: fields.integer('ExpirationInDays', RULE_DAYS),
    expirationAtMs: date === undefined ? undefined : midnight(date),
    expiredMarkers: fields.flag('ExpiredObjectDeleteMarker'),
    noncurrentDays: noncurrent?.noncurrentDays ?? fields.integer('NoncurrentVersionExpirationInDays', RULE_DAYS),
    keptVersions: noncurrent?.keptVersions,
  };
};

const readRule = (fields: Fields): LifecycleRule => ({
  id: fields.text('Id') ?? '',
  prefix: fields.text('Prefix') ?? '',
  ...present({
    disabled: fields.choice('Status', ['Enabled', 'Disabled']) === 'Enabled' ? undefined : true,
    ...readFilters(fields),
    ...readExpirations(fields),
    abortUploadsAfterDays: fields.object('AbortIncompleteMultipartUpload', (abort) =>
      abort.integer('DaysAfterInitiation', RULE_DAYS),
    ),
    transitions: fields.list('Transitions', readTransition),
    noncurrentTransitions: fields.list('NoncurrentVersionTransitions', readTransition),
  }),
});

const readLifecycle = (fields: Fields): readonly LifecycleRule[] =>
  fields.object('LifecycleConfiguration', (configuration) => configuration.list('Rules', readRule)) ?? [];

const readEventBridge = (fields: Fields): boolean =>
  fields.object('NotificationConfiguration', (notification) =>
    // Present means on: `EventBridgeEnabled` defaults to true.
    notification.object('EventBridgeConfiguration', (bridge) => bridge.flag('EventBridgeEnabled') ?? true),
  ) ?? false;

const LOCK_YEARS = { min: 1, max: 100 };
const PUBLIC_ACCESS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const readPublicAccess = (fields: Fields): Readonly<Record<string, boolean>> | undefined =>
  fields.object('PublicAccessBlockConfiguration', (block) =>
    Object.fromEntries(PUBLIC_ACCESS.map((name) => [name, block.flag(name) ?? false])),
  );

const readTags = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.list('Tags', (tag) => [tag.requiredText('Key'), tag.text('Value') ?? ''] as const) ?? []);

const readObjectLock = (fields: Fields): BucketRecord['objectLock'] => {
  const enabled = fields.flag('ObjectLockEnabled') ?? false;
  const given = fields.object('ObjectLockConfiguration', (lock) => {
    lock.choice('ObjectLockEnabled', ['Enabled']);
    return lock.object('Rule', (rule) =>
      rule.object('DefaultRetention', (retention): DefaultRetention => {
        const mode = retention.choice('Mode', RETENTION_MODES);
        const period = { days: retention.integer('Days', RULE_DAYS), years: retention.integer('Years', LOCK_YEARS) };
        if (mode === undefined || (period.days === undefined) === (period.years === undefined)) {
          throw retention.refuse('Mode', 'and either Days or Years are required');
        }
        return { mode, ...present(period) };
      }),
    );
  });
  if (given !== undefined && !enabled) throw fields.refuse('ObjectLockConfiguration', 'needs ObjectLockEnabled');
  return enabled ? { ...(given === undefined ? {} : { defaultRetention: given }) } : undefined;
};

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
      ...present({ objectLock: readObjectLock(fields) }),
      ...(publicAccessBlock ? { publicAccessBlock } : {}),
      tags: readTags(fields),
    };
    // One account owns every object here; ownership by writers would need ACLs. Access logs are refused by name.
    fields.object('OwnershipControls', (controls) =>
      controls.list('Rules', (rule) => rule.choice('ObjectOwnership', ['BucketOwnerEnforced'])),
    );
    return settings;
  });

const applied = (
  bucket: BucketRecord,
  { versioned, name: _, ...settings }: Settings & { name: string },
): BucketRecord => {
  const { versioning, publicAccessBlock: __, ...kept } = bucket;
  // Versioning cannot be undone, only suspended.
  const next = versioned || settings.objectLock !== undefined ? 'Enabled' : versioning && 'Suspended';
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

/** The policy is kept on its bucket; `access.ts` hands it over with every request. */
export const createBucketPolicyProvider = ({ store }: S3Context): ResourceProvider => {
  const put = (context: ResourceContext) => {
    const { bucketName, policy } = readProperties(context, (fields) => ({
      bucketName: fields.requiredText('Bucket'),
      policy: fields.raw('PolicyDocument'),
    }));
    const bucket = store.bucket(bucketName);
    if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: bucketName });
    checkPolicy(`${context.logicalId}.PolicyDocument`, policy, 'resource');
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
