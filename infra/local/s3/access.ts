import type { Need } from '../iam/guard.ts';
import { requireAll } from '../iam/guard.ts';
import { keyNeeds } from '../iam/key-needs.ts';
import type { S3Context, S3Request } from './bucket-access.ts';
import { kmsKeyArn } from './object-headers.ts';
import type { Encryption } from './records.ts';

/**
 * What each operation needs. Objects encrypted with a key need the key as well: Decrypt to read, GenerateDataKey to
 * write, both for an upload in parts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */

type Rule = (context: S3Context, request: S3Request) => readonly Need[];
type KeyAction = 'Decrypt' | 'GenerateDataKey';

const bucketArn = ({ identity }: S3Context, bucket: string): string => `arn:${identity.partition}:s3:::${bucket}`;

const on = (context: S3Context, action: string, bucket: string, key?: string): Need => {
  const policy = context.store.bucket(bucket)?.policy;
  const arn = bucketArn(context, bucket);
  return {
    action: `s3:${action}`,
    resource: key === undefined ? arn : `${arn}/${key}`,
    ...(policy === undefined ? {} : { resourcePolicy: policy }),
  };
};

const useKey = ({ identity }: S3Context, encryption: Encryption | undefined, actions: readonly KeyAction[]) =>
  keyNeeds(identity, { keyArn: encryption?.keyArn, actions, via: 's3' });

interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

const placeOf = ({ bucket, key, query }: S3Request): Place => ({
  bucket,
  key,
  versionId: query.get('versionId') ?? undefined,
});

/** `x-amz-copy-source` as far as it can be understood; the operation refuses what cannot. */
const sourceOf = ({ headers }: S3Request): Place => {
  const [path = '', query = ''] = (headers['x-amz-copy-source'] ?? '').replace(/^\//, '').split('?');
  const [bucket = '', ...rest] = path.split('/').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { bucket, key: rest.join('/'), versionId: new URLSearchParams(query).get('versionId') ?? undefined };
};

const encryptionAt = ({ store }: S3Context, { bucket, key, versionId }: Place): Encryption | undefined =>
  (versionId === undefined ? store.latest(bucket, key) : store.version(bucket, key, versionId))?.object?.encryption;

/**
 * A read of an object. Whether a key exists is told to those alone who may list the bucket: everyone else is denied.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
const read = (context: S3Context, action: string, place: Place, decrypts: boolean): readonly Need[] => {
  const { bucket, key, versionId } = place;
  const versioned = versionId === undefined ? action : action.replace('Object', 'ObjectVersion');
  const needs = [on(context, versioned, bucket, key)];
  const encryption = encryptionAt(context, place);
  const missing = encryption === undefined && context.store.bucket(bucket) !== undefined;
  if (missing) return [...needs, on(context, versionId === undefined ? 'ListBucket' : 'ListBucketVersions', bucket)];
  return decrypts ? [...needs, ...useKey(context, encryption, ['Decrypt'])] : needs;
};

/** What the new object will be encrypted with. */
const encryptionToBe = (context: S3Context, { bucket, headers }: S3Request): Encryption | undefined => {
  const standing = context.store.bucket(bucket)?.encryption;
  const asked = headers['x-amz-server-side-encryption'];
  const key = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  if (asked === undefined || standing === undefined) return standing;
  if (!asked.startsWith('aws:kms')) return { algorithm: 'AES256' };
  return key === undefined ? standing : { ...standing, keyArn: kmsKeyArn(context.identity, key) };
};

const write = (context: S3Context, request: S3Request, actions: readonly KeyAction[]): readonly Need[] => [
  on(context, 'PutObject', request.bucket, request.key),
  ...(request.headers['x-amz-tagging'] === undefined
    ? []
    : [on(context, 'PutObjectTagging', request.bucket, request.key)]),
  ...useKey(context, encryptionToBe(context, request), actions),
];

/** A part, or what ends an upload: encrypted as the upload was begun. */
const part = (context: S3Context, { bucket, key, query }: S3Request): readonly Need[] => [
  on(context, 'PutObject', bucket, key),
  ...useKey(context, context.store.uploads.find(query.get('uploadId') ?? '')?.description.encryption, [
    'Decrypt',
    'GenerateDataKey',
  ]),
];

const bucketRule =
  (action: string): Rule =>
  (context, { bucket }) => [on(context, action, bucket)];

const list =
  (action: string): Rule =>
  (context, { bucket, query }) => {
    const values = { 's3:prefix': 'prefix', 's3:delimiter': 'delimiter', 's3:max-keys': 'max-keys' };
    const conditions = Object.fromEntries(
      Object.entries(values).flatMap(([key, name]) => {
        const value = query.get(name);
        return value === null ? [] : [[key, value]];
      }),
    );
    return [{ ...on(context, action, bucket), conditions }];
  };

const reading =
  (action: string, decrypts: boolean): Rule =>
  (context, request) =>
    read(context, action, placeOf(request), decrypts);

const tagging =
  (action: string): Rule =>
  (context, request) => {
    const versioned = request.query.has('versionId') ? action.replace('Object', 'ObjectVersion') : action;
    return [on(context, versioned, request.bucket, request.key)];
  };

/** Actions that are the same for an object and its versions. */
const unversioned =
  (action: string): Rule =>
  (context, { bucket, key }) => [on(context, action, bucket, key)];

const bypassNeeds = (context: S3Context, { bucket, key, headers }: S3Request): readonly Need[] =>
  headers['x-amz-bypass-governance-retention'] === 'true'
    ? [on(context, 'BypassGovernanceRetention', bucket, key)]
    : [];

/** By operation. */
const RULES: Readonly<Record<string, Rule>> = {
  ListBuckets: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  CreateBucket: bucketRule('CreateBucket'),
  HeadBucket: bucketRule('ListBucket'),
  DeleteBucket: bucketRule('DeleteBucket'),
  ListObjects: list('ListBucket'),
  ListObjectsV2: list('ListBucket'),
  ListObjectVersions: list('ListBucketVersions'),
  ListMultipartUploads: list('ListBucketMultipartUploads'),
  GetBucketLocation: bucketRule('GetBucketLocation'),
  GetBucketVersioning: bucketRule('GetBucketVersioning'),
  PutBucketVersioning: bucketRule('PutBucketVersioning'),
  GetBucketNotificationConfiguration: bucketRule('GetBucketNotification'),
  PutBucketNotificationConfiguration: bucketRule('PutBucketNotification'),
  GetBucketPolicy: bucketRule('GetBucketPolicy'),
  PutBucketPolicy: bucketRule('PutBucketPolicy'),
  DeleteBucketPolicy: bucketRule('DeleteBucketPolicy'),
  GetBucketEncryption: bucketRule('GetEncryptionConfiguration'),
  GetBucketTagging: bucketRule('GetBucketTagging'),
  PutBucketTagging: bucketRule('PutBucketTagging'),
  DeleteBucketTagging: bucketRule('PutBucketTagging'),
  GetPublicAccessBlock: bucketRule('GetBucketPublicAccessBlock'),
  PutPublicAccessBlock: bucketRule('PutBucketPublicAccessBlock'),
  PutBucketEncryption: bucketRule('PutEncryptionConfiguration'),
  DeleteBucketEncryption: bucketRule('PutEncryptionConfiguration'),
  GetBucketLifecycleConfiguration: bucketRule('GetLifecycleConfiguration'),
  PutBucketLifecycleConfiguration: bucketRule('PutLifecycleConfiguration'),
  DeleteBucketLifecycle: bucketRule('PutLifecycleConfiguration'),
  GetObjectLockConfiguration: bucketRule('GetBucketObjectLockConfiguration'),
  PutObjectLockConfiguration: bucketRule('PutBucketObjectLockConfiguration'),
  // Each key by itself, as `deletionNeeds` says.
  DeleteObjects: () => [],
  GetObject: reading('GetObject', true),
  HeadObject: (context, request) =>
    read(context, 'GetObject', placeOf(request), request.headers['x-amz-checksum-mode'] !== undefined),
  PutObject: (context, request) => write(context, request, ['GenerateDataKey']),
  CopyObject: (context, request) => [
    ...read(context, 'GetObject', sourceOf(request), true),
    ...write(context, request, ['GenerateDataKey']),
  ],
  DeleteObject: (context, request) => [...deletionNeeds(context, placeOf(request)), ...bypassNeeds(context, request)],
  GetObjectAttributes: (context, request) => [
    ...read(context, 'GetObject', placeOf(request), true),
    ...tagging('GetObjectAttributes')(context, request),
  ],
  GetObjectTagging: tagging('GetObjectTagging'),
  PutObjectTagging: tagging('PutObjectTagging'),
  DeleteObjectTagging: tagging('DeleteObjectTagging'),
  GetObjectRetention: unversioned('GetObjectRetention'),
  PutObjectRetention: (context, request) => [
    ...unversioned('PutObjectRetention')(context, request),
    ...bypassNeeds(context, request),
  ],
  GetObjectLegalHold: unversioned('GetObjectLegalHold'),
  PutObjectLegalHold: unversioned('PutObjectLegalHold'),
  CreateMultipartUpload: (context, request) => write(context, request, ['GenerateDataKey']),
  UploadPart: part,
  UploadPartCopy: (context, request) => [
    ...read(context, 'GetObject', sourceOf(request), true),
    ...part(context, request),
  ],
  CompleteMultipartUpload: part,
  ListParts: (context, { bucket, key }) => [on(context, 'ListMultipartUploadParts', bucket, key)],
  AbortMultipartUpload: (context, { bucket, key }) => [on(context, 'AbortMultipartUpload', bucket, key)],
};

/** What the deletion of one object or version needs. */
export const deletionNeeds = (context: S3Context, { bucket, key, versionId }: Place): readonly Need[] => [
  on(context, versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion', bucket, key),
];

/** Asks for what a request needs. @throws AwsError AccessDenied */
export const requireAccess = (context: S3Context, request: S3Request): void => {
  const { name } = request.route;
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  const needs = rule?.(context, request) ?? [{ action: 's3:*', resource: '*' }];
  requireAll({ access: context.access, service: 's3' }, request.wire.caller, needs);
};

/** Asks for the deletion of one of several objects. @throws AwsError AccessDenied */
export const requireDeletion = (
  context: S3Context,
  request: S3Request,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
): void => {
  const one = { ...request, key };
  const needs = [...deletionNeeds(context, { bucket: request.bucket, key, versionId }), ...bypassNeeds(context, one)];
  requireAll({ access: context.access, service: 's3' }, request.wire.caller, needs);
};
