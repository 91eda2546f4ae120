import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { noteDeleted, sendNoted } from '../notify.ts';
import { bypassesGovernance, isLocked, protectedByLock } from '../object-lock.ts';
import { readConditions, readVerdict } from '../preconditions.ts';
import type { BucketRecord, VersionRecord } from '../records.ts';

export interface Deletion {
  /** The version removed, or the marker laid; undefined when there was nothing to do. */
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
}

interface DeletionRequest {
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly bypassGovernance?: boolean;
  readonly requestId: string;
  readonly reason?: 'DeleteObject' | 'Lifecycle Expiration';
}

/** A condition on what is not there holds: it is gone already. */
const requireMatch = (ifMatch: string | undefined, current: VersionRecord | undefined): void => {
  if (ifMatch !== undefined && current?.object !== undefined) {
    readVerdict({ ...readConditions({}), ifMatch }, current.object);
  }
};

const removeVersion = (context: S3Context, version: VersionRecord, request: DeletionRequest): Deletion => {
  const { bucket, requestId, reason = 'DeleteObject', bypassGovernance = false } = request;
  if (isLocked(version, context.nowMs(), bypassGovernance)) throw protectedByLock();
  context.store.removeVersion(version);
  if (version.object) noteDeleted(context, bucket, { version, reason, requestId });
  return { versionId: version.versionId, isMarker: version.object === undefined };
};

const layMarker = (context: S3Context, request: DeletionRequest): Deletion => {
  const { bucket, key, requestId, reason = 'DeleteObject' } = request;
  const marker = context.store.addVersion({
    bucket: bucket.name,
    key,
    versionId: bucket.versioning === 'Enabled' ? 'unique' : 'null',
    object: undefined,
    modifiedAtMs: context.nowMs(),
  });
  noteDeleted(context, bucket, { version: marker, reason, requestId });
  return { versionId: marker.versionId, isMarker: true };
};

/** Deletes one object or version; inside a transaction. Deleting what is not there succeeds. */
export const deleteOne = (context: S3Context, request: DeletionRequest): Deletion => {
  const { bucket, key, versionId } = request;
  const { store } = context;
  if (versionId !== undefined) {
    const version = store.version(bucket.name, key, versionId);
    requireMatch(request.ifMatch, version);
    return version ? removeVersion(context, version, request) : { versionId, isMarker: false };
  }
  const current = store.latest(bucket.name, key);
  requireMatch(request.ifMatch, current);
  if (bucket.versioning !== undefined) return layMarker(context, request);
  if (current) removeVersion(context, current, request);
  return { versionId: undefined, isMarker: false };
};

export const deleteObject = (context: S3Context, request: S3Request): WireResponse => {
  const bucket = requireBucket(context, request);
  const deletion = context.store.transaction(() =>
    deleteOne(context, {
      bucket,
      key: request.key,
      versionId: request.query.get('versionId') ?? undefined,
      ifMatch: request.headers['if-match'],
      bypassGovernance: bypassesGovernance(request.headers),
      requestId: request.wire.requestId,
    }),
  );
  sendNoted(context);
  return {
    status: 204,
    headers: {
      ...(deletion.versionId === undefined ? {} : { 'x-amz-version-id': deletion.versionId }),
      ...(deletion.isMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};
