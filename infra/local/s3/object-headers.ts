import { Buffer } from 'node:buffer';
import type { CloudIdentity } from '../contracts.ts';
import { checksumHeader } from './checksums.ts';
import { invalidArgument, notImplemented, s3Error } from './errors.ts';
import { lockHeaders, lockOf } from './object-lock.ts';
import { storedEncoding } from './receive-body.ts';
import type { BucketRecord, Encryption, ObjectDescription, ObjectRecord, VersionRecord } from './records.ts';

type Headers = Readonly<Record<string, string>>;

const STANDARD_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];
const METADATA_PREFIX = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2 * 1024;
/** Classes whose objects can be read at once; archives would have to be restored first. */
const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'REDUCED_REDUNDANCY',
];
const MAX_TAGS = 10;

const metadataOf = (headers: Headers): Readonly<Record<string, string>> => {
  const entries = Object.entries(headers)
    .filter(([name]) => name.startsWith(METADATA_PREFIX))
    .map(([name, value]) => [name.slice(METADATA_PREFIX.length), value] as const);
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw s3Error('MetadataTooLarge', { Size: bytes, MaxSizeAllowed: MAX_METADATA_BYTES });
  }
  return Object.fromEntries(entries);
};

export const checkedTags = (tags: readonly (readonly [string, string])[]): Readonly<Record<string, string>> => {
  if (tags.length > MAX_TAGS) throw s3Error('InvalidTag', {}, 'Object tags cannot be greater than 10');
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw s3Error('InvalidTag', {}, 'Cannot provide multiple Tags with the same key');
  }
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128) throw s3Error('InvalidTag', {}, 'The TagKey you have provided is invalid');
    if (value.length > 256) throw s3Error('InvalidTag', {}, 'The TagValue you have provided is invalid');
  }
  return Object.fromEntries(tags);
};

const storageClassOf = (headers: Headers): string => {
  const given = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (!STORAGE_CLASSES.includes(given)) throw notImplemented(`x-amz-storage-class ${given}`);
  return given;
};

/** A key by id, alias or ARN, as an ARN. */
export const kmsKeyArn = ({ partition, region, accountId }: CloudIdentity, given: string): string => {
  if (given.startsWith('arn:')) return given;
  return `arn:${partition}:kms:${region}:${accountId}:${given.startsWith('alias/') ? given : `key/${given}`}`;
};

const encryptionOf = (headers: Headers, bucket: BucketRecord, identity: CloudIdentity): Encryption => {
  const algorithm = headers['x-amz-server-side-encryption'];
  if (algorithm === undefined) return bucket.encryption;
  if (algorithm === 'AES256') return { algorithm };
  if (algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  const key = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  const keyArn =
    key === undefined ? (bucket.encryption.keyArn ?? kmsKeyArn(identity, 'alias/aws/s3')) : kmsKeyArn(identity, key);
  const bucketKey = headers['x-amz-server-side-encryption-bucket-key-enabled'];
  return {
    algorithm,
    keyArn,
    bucketKey: bucketKey === undefined ? bucket.encryption.bucketKey === true : bucketKey === 'true',
  };
};

/** What a writing request says of its object. @throws AwsError */
export const describeObject = (
  headers: Headers,
  bucket: BucketRecord,
  { identity, nowMs }: { readonly identity: CloudIdentity; nowMs(): number },
): ObjectDescription => {
  const encoding = storedEncoding(headers);
  const kept = STANDARD_HEADERS.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]] as const],
  );
  return {
    headers: {
      'content-type': 'binary/octet-stream',
      ...Object.fromEntries(kept),
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    metadata: metadataOf(headers),
    storageClass: storageClassOf(headers),
    encryption: encryptionOf(headers, bucket, identity),
    tags: checkedTags([...new URLSearchParams(headers['x-amz-tagging'] ?? '')]),
    ...lockOf(headers, bucket, nowMs()),
  };
};

export const encryptionHeaders = ({ algorithm, keyArn, bucketKey }: Encryption): Headers => ({
  'x-amz-server-side-encryption': algorithm,
  ...(keyArn === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': keyArn }),
  ...(bucketKey === true ? { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' } : {}),
});

/** Absent as long as the bucket never had versions. */
export const versionHeaders = (bucket: BucketRecord, { versionId }: Pick<VersionRecord, 'versionId'>): Headers =>
  bucket.versioning === undefined ? {} : { 'x-amz-version-id': versionId };

/** A write tells of the version it made only where versions are on. */
export const writtenVersionHeaders = (
  bucket: BucketRecord,
  { versionId }: Pick<VersionRecord, 'versionId'>,
): Headers => (bucket.versioning === 'Enabled' ? { 'x-amz-version-id': versionId } : {});

export const checksumHeaders = ({ checksum }: ObjectRecord): Headers => ({
  [checksumHeader(checksum.algorithm)]: checksum.value,
  'x-amz-checksum-type': checksum.type,
});

export const quoted = (etag: string): string => `"${etag}"`;

/** Headers of an object that is read. */
export const objectHeaders = (bucket: BucketRecord, version: VersionRecord, object: ObjectRecord): Headers => ({
  ...object.headers,
  ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [`${METADATA_PREFIX}${name}`, value])),
  'accept-ranges': 'bytes',
  etag: quoted(object.etag),
  'last-modified': new Date(object.modifiedAtMs).toUTCString(),
  ...encryptionHeaders(object.encryption),
  ...versionHeaders(bucket, version),
  ...lockHeaders(object),
  ...(object.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': object.storageClass }),
  ...(Object.keys(object.tags).length === 0 ? {} : { 'x-amz-tagging-count': String(Object.keys(object.tags).length) }),
});
