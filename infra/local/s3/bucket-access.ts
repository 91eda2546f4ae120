import type { AccessControl, CloudIdentity, IdSource, WireRequest } from '../contracts.ts';
import { s3Error } from './errors.ts';
import type { ObjectStore } from './object-store.ts';
import type { BucketRecord, ObjectEvent, VersionRecord } from './records.ts';
import type { S3Route } from './routes.ts';

/** One request, taken apart. */
export interface S3Request {
  readonly method: string;
  /** Empty for requests to the service itself. */
  readonly bucket: string;
  /** Empty for requests to a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly wire: WireRequest;
  readonly route: S3Route;
}

/** What operations work with. */
export interface S3Context {
  readonly identity: CloudIdentity;
  readonly store: ObjectStore;
  readonly ids: IdSource;
  readonly access: AccessControl;
  nowMs(): number;
  send(event: ObjectEvent): void;
  /** After a bucket's lifecycle rules changed. */
  armLifecycle(): void;
}

/** The bucket of a request. @throws AwsError NoSuchBucket, or AccessDenied when it is not the expected owner's */
export const requireBucket = ({ store, identity }: S3Context, { bucket, headers }: S3Request): BucketRecord => {
  const record = store.bucket(bucket);
  if (record === undefined) throw s3Error('NoSuchBucket', { BucketName: bucket });
  const expected = headers['x-amz-expected-bucket-owner'];
  if (expected !== undefined && expected !== identity.accountId) throw s3Error('AccessDenied');
  return record;
};

/** The object that a read names: its newest version or a given one. @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed */
export const requireObject = (
  { store }: S3Context,
  { bucket, key, versionId }: { readonly bucket: string; readonly key: string; readonly versionId: string | undefined },
): VersionRecord & { readonly object: NonNullable<VersionRecord['object']> } => {
  const version = versionId === undefined ? store.latest(bucket, key) : store.version(bucket, key, versionId);
  if (version?.object !== undefined) return { ...version, object: version.object };
  // Names in lower case become headers of the answer.
  const marker = version && { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId === undefined) throw s3Error('NoSuchKey', { Key: key, ...marker });
  if (version === undefined) throw s3Error('NoSuchVersion', { Key: key, VersionId: versionId });
  throw s3Error('MethodNotAllowed', { Method: 'GET', ResourceType: 'DeleteMarker', ...marker });
};
