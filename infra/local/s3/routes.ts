import type { WireResponse } from '../contracts.ts';
import type { S3Context, S3Request } from './bucket-access.ts';
import { CHECKSUM_ALGORITHMS, checksumHeader } from './checksums.ts';
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts';
import * as lifecycle from './operations/bucket-lifecycle.ts';
import * as settings from './operations/bucket-settings.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { createMultipartUpload } from './operations/create-multipart-upload.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getObject } from './operations/get-object.ts';
import { getObjectAttributes } from './operations/get-object-attributes.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjectVersions } from './operations/list-object-versions.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import * as lock from './operations/object-lock.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart, uploadPartCopy } from './operations/upload-part.ts';

/** Every operation of S3 that is served, with all that each understands: the rest is refused by name. */
export interface S3Route {
  /** AWS's name. */
  readonly name: string;
  readonly operation: (context: S3Context, request: S3Request) => WireResponse | Promise<WireResponse>;
  /** Query parameters, besides the word that names the operation. */
  readonly query?: readonly string[];
  /** Headers that AWS documents for the operation, in lower case. `x-amz-meta-` stands for the whole family. */
  readonly headers?: readonly string[];
  /** AWS's name of the body; an object's content or a document. */
  readonly body?: string;
  /** Elements of the document, dotted. */
  readonly elements?: readonly string[];
}

const OWNER = ['x-amz-expected-bucket-owner'];
const CHECKSUMS = CHECKSUM_ALGORITHMS.map(checksumHeader);
const CHECKED = ['content-md5', 'x-amz-sdk-checksum-algorithm', ...CHECKSUMS];
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
const DESCRIPTION = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const OBJECT = [
  ...DESCRIPTION,
  'x-amz-acl',
  'x-amz-meta-',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-storage-class',
  'x-amz-tagging',
];
const COPIED = [
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-source-expected-bucket-owner',
];
const BYPASS = ['x-amz-bypass-governance-retention'];
// Asks for names of attributes that listings would otherwise leave out; none are left out here.
const ATTRIBUTES = ['x-amz-optional-object-attributes'];

const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys'];
const READING = ['versionId', 'partNumber', ...DESCRIPTION.map((name) => `response-${name}`)];
const VERSION = ['versionId'];

const TAGS = { body: 'Tagging', elements: ['TagSet.Tag.Key', 'TagSet.Tag.Value'] };
const PUBLIC_ACCESS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
const FILTERS = ['Prefix', 'Tag.Key', 'Tag.Value', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'];
const LIFECYCLE = [
  'ID',
  'Status',
  'Prefix',
  ...FILTERS.flatMap((name) => [`Filter.${name}`, `Filter.And.${name}`]),
  'Expiration.Days',
  'Expiration.Date',
  'Expiration.ExpiredObjectDeleteMarker',
  'NoncurrentVersionExpiration.NoncurrentDays',
  'NoncurrentVersionExpiration.NewerNoncurrentVersions',
  'AbortIncompleteMultipartUpload.DaysAfterInitiation',
  'Transition.Days',
  'Transition.StorageClass',
  'NoncurrentVersionTransition.NoncurrentDays',
  'NoncurrentVersionTransition.StorageClass',
].map((name) => `Rule.${name}`);
const ENCRYPTION = [
  'ApplyServerSideEncryptionByDefault.SSEAlgorithm',
  'ApplyServerSideEncryptionByDefault.KMSMasterKeyID',
  'BucketKeyEnabled',
];
const PARTS = ['PartNumber', 'ETag', ...CHECKSUM_ALGORITHMS.map((algorithm) => `Checksum${algorithm}`)];

const BUCKET: Readonly<Record<string, S3Route>> = {
  'service GET': {
    name: 'ListBuckets',
    operation: listBuckets,
    query: ['prefix', 'continuation-token', 'max-buckets', 'bucket-region'],
  },
  'bucket PUT': {
    name: 'CreateBucket',
    operation: createBucket,
    headers: ['x-amz-acl', 'x-amz-bucket-object-lock-enabled', 'x-amz-object-ownership'],
    body: 'CreateBucketConfiguration',
    elements: ['LocationConstraint', 'Tags.Tag.Key', 'Tags.Tag.Value'],
  },
  'bucket HEAD': { name: 'HeadBucket', operation: headBucket },
  'bucket DELETE': { name: 'DeleteBucket', operation: deleteBucket },
  'bucket GET': { name: 'ListObjects', operation: listObjects, query: [...LISTING, 'marker'], headers: ATTRIBUTES },
  'bucket GET list-type': {
    name: 'ListObjectsV2',
    operation: listObjectsV2,
    query: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
    headers: ATTRIBUTES,
  },
  'bucket GET versions': {
    name: 'ListObjectVersions',
    operation: listObjectVersions,
    query: [...LISTING, 'key-marker', 'version-id-marker'],
    headers: ATTRIBUTES,
  },
  'bucket GET uploads': {
    name: 'ListMultipartUploads',
    operation: listMultipartUploads,
    query: ['prefix', 'encoding-type', 'key-marker', 'upload-id-marker', 'max-uploads'],
  },
  'bucket GET location': { name: 'GetBucketLocation', operation: getBucketLocation },
  'bucket GET versioning': { name: 'GetBucketVersioning', operation: settings.getBucketVersioning },
  'bucket PUT versioning': {
    name: 'PutBucketVersioning',
    operation: settings.putBucketVersioning,
    headers: CHECKED,
    body: 'VersioningConfiguration',
    elements: ['Status'],
  },
  'bucket GET notification': {
    name: 'GetBucketNotificationConfiguration',
    operation: settings.getBucketNotification,
  },
  'bucket PUT notification': {
    name: 'PutBucketNotificationConfiguration',
    operation: settings.putBucketNotification,
    headers: CHECKED,
    body: 'NotificationConfiguration',
    elements: ['EventBridgeConfiguration'],
  },
  'bucket GET policy': { name: 'GetBucketPolicy', operation: settings.getBucketPolicy },
  'bucket PUT policy': {
    name: 'PutBucketPolicy',
    operation: settings.putBucketPolicy,
    headers: CHECKED,
    body: 'Policy',
  },
  'bucket DELETE policy': { name: 'DeleteBucketPolicy', operation: settings.deleteBucketPolicy },
  'bucket GET encryption': { name: 'GetBucketEncryption', operation: settings.getBucketEncryption },
  'bucket PUT encryption': {
    name: 'PutBucketEncryption',
    operation: settings.putBucketEncryption,
    headers: CHECKED,
    body: 'ServerSideEncryptionConfiguration',
    elements: ENCRYPTION.map((name) => `Rule.${name}`),
  },
  'bucket DELETE encryption': { name: 'DeleteBucketEncryption', operation: settings.deleteBucketEncryption },
  'bucket GET tagging': { name: 'GetBucketTagging', operation: settings.getBucketTagging },
  'bucket PUT tagging': { name: 'PutBucketTagging', operation: settings.putBucketTagging, headers: CHECKED, ...TAGS },
  'bucket DELETE tagging': { name: 'DeleteBucketTagging', operation: settings.deleteBucketTagging },
  'bucket GET publicAccessBlock': { name: 'GetPublicAccessBlock', operation: settings.getPublicAccessBlock },
  'bucket PUT publicAccessBlock': {
    name: 'PutPublicAccessBlock',
    operation: settings.putPublicAccessBlock,
    headers: CHECKED,
    body: 'PublicAccessBlockConfiguration',
    elements: PUBLIC_ACCESS,
  },
  'bucket GET lifecycle': { name: 'GetBucketLifecycleConfiguration', operation: lifecycle.getBucketLifecycle },
  'bucket PUT lifecycle': {
    name: 'PutBucketLifecycleConfiguration',
    operation: lifecycle.putBucketLifecycle,
    headers: CHECKED,
    body: 'LifecycleConfiguration',
    elements: LIFECYCLE,
  },
  'bucket DELETE lifecycle': { name: 'DeleteBucketLifecycle', operation: lifecycle.deleteBucketLifecycle },
  'bucket GET object-lock': { name: 'GetObjectLockConfiguration', operation: lock.getObjectLockConfiguration },
  'bucket PUT object-lock': {
    name: 'PutObjectLockConfiguration',
    operation: lock.putObjectLockConfiguration,
    headers: CHECKED,
    body: 'ObjectLockConfiguration',
    elements: ['ObjectLockEnabled', ...['Mode', 'Days', 'Years'].map((name) => `Rule.DefaultRetention.${name}`)],
  },
  'bucket POST delete': {
    name: 'DeleteObjects',
    operation: deleteObjects,
    headers: [...CHECKED, ...BYPASS],
    body: 'Delete',
    elements: ['Quiet', 'Object.Key', 'Object.VersionId', 'Object.ETag'],
  },
};

const OBJECTS: Readonly<Record<string, S3Route>> = {
  'object GET': {
    name: 'GetObject',
    operation: getObject,
    query: READING,
    headers: [...CONDITIONS, 'range', 'x-amz-checksum-mode'],
  },
  'object HEAD': {
    name: 'HeadObject',
    operation: getObject,
    query: READING,
    headers: [...CONDITIONS, 'range', 'x-amz-checksum-mode'],
  },
  'object PUT': {
    name: 'PutObject',
    operation: putObject,
    headers: [...OBJECT, ...CHECKED, 'content-length', 'if-match', 'if-none-match', 'x-amz-checksum-algorithm'],
    body: 'Body',
  },
  'object PUT x-amz-copy-source': {
    name: 'CopyObject',
    operation: copyObject,
    headers: [
      ...OBJECT,
      ...COPIED,
      'if-match',
      'if-none-match',
      'x-amz-checksum-algorithm',
      'x-amz-metadata-directive',
      'x-amz-tagging-directive',
    ],
  },
  'object DELETE': { name: 'DeleteObject', operation: deleteObject, query: VERSION, headers: ['if-match', ...BYPASS] },
  'object GET attributes': {
    name: 'GetObjectAttributes',
    operation: getObjectAttributes,
    query: VERSION,
    headers: ['x-amz-object-attributes', 'x-amz-max-parts', 'x-amz-part-number-marker'],
  },
  'object GET tagging': { name: 'GetObjectTagging', operation: getObjectTagging, query: VERSION },
  'object PUT tagging': {
    name: 'PutObjectTagging',
    operation: putObjectTagging,
    query: VERSION,
    headers: CHECKED,
    ...TAGS,
  },
  'object DELETE tagging': { name: 'DeleteObjectTagging', operation: deleteObjectTagging, query: VERSION },
  'object GET retention': { name: 'GetObjectRetention', operation: lock.getObjectRetention, query: VERSION },
  'object PUT retention': {
    name: 'PutObjectRetention',
    operation: lock.putObjectRetention,
    query: VERSION,
    headers: [...CHECKED, ...BYPASS],
    body: 'Retention',
    elements: ['Mode', 'RetainUntilDate'],
  },
  'object GET legal-hold': { name: 'GetObjectLegalHold', operation: lock.getObjectLegalHold, query: VERSION },
  'object PUT legal-hold': {
    name: 'PutObjectLegalHold',
    operation: lock.putObjectLegalHold,
    query: VERSION,
    headers: CHECKED,
    body: 'LegalHold',
    elements: ['Status'],
  },
  'object POST uploads': {
    name: 'CreateMultipartUpload',
    operation: createMultipartUpload,
    headers: [...OBJECT, 'x-amz-checksum-algorithm', 'x-amz-checksum-type'],
  },
  'object PUT uploadId': {
    name: 'UploadPart',
    operation: uploadPart,
    query: ['partNumber'],
    headers: [...CHECKED, 'content-length'],
    body: 'Body',
  },
  'object PUT uploadId x-amz-copy-source': {
    name: 'UploadPartCopy',
    operation: uploadPartCopy,
    query: ['partNumber'],
    headers: [...COPIED, 'x-amz-copy-source-range'],
  },
  'object POST uploadId': {
    name: 'CompleteMultipartUpload',
    operation: completeMultipartUpload,
    headers: [...CHECKSUMS, 'if-match', 'if-none-match', 'x-amz-checksum-type', 'x-amz-mp-object-size'],
    body: 'MultipartUpload',
    elements: PARTS.map((name) => `Part.${name}`),
  },
  'object GET uploadId': { name: 'ListParts', operation: listParts, query: ['max-parts', 'part-number-marker'] },
  'object DELETE uploadId': { name: 'AbortMultipartUpload', operation: abortMultipartUpload },
};

const owned = (routes: Readonly<Record<string, S3Route>>): Readonly<Record<string, S3Route>> =>
  Object.fromEntries(
    Object.entries(routes).map(([key, route]) => [key, { ...route, headers: [...(route.headers ?? []), ...OWNER] }]),
  );

/** By level, method and the query's naming word, if there is one. */
export const S3_ROUTES: Readonly<Record<string, S3Route>> = owned({ ...BUCKET, ...OBJECTS });
