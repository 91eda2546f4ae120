import type { S3Context, S3Request } from './bucket-access.ts';
import type { BucketRecord, ObjectEvent, VersionRecord } from './records.ts';

type Reason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload' | 'DeleteObject' | 'Lifecycle Expiration';

const SEQUENCER_DIGITS = 18;

const commonDetail = (context: S3Context, version: VersionRecord, requestId: string) => ({
  version: '0',
  bucket: { name: version.bucket },
  object: {
    key: version.key,
    ...(version.object ? { size: version.object.size } : {}),
    etag: version.object?.etag ?? 'd41d8cd98f00b204e9800998ecf8427e',
    ...(version.versionId === 'null' ? {} : { 'version-id': version.versionId }),
    sequencer: version.sequence.toString(16).toUpperCase().padStart(SEQUENCER_DIGITS, '0'),
  },
  'request-id': requestId,
  requester: context.identity.accountId,
  'source-ip-address': '127.0.0.1',
});

const enqueue = (context: S3Context, bucket: BucketRecord, event: ObjectEvent): void => {
  if (bucket.eventBridge) context.store.outbox.add(event);
};

/** Notes `Object Created`; inside the transaction that created it. */
export const noteCreated = (
  context: S3Context,
  bucket: BucketRecord,
  { version, reason, request }: { version: VersionRecord; reason: Reason; request: S3Request },
): void => {
  enqueue(context, bucket, {
    bucket: bucket.name,
    detailType: 'Object Created',
    detail: { ...commonDetail(context, version, request.wire.requestId), reason },
  });
};

/** Notes `Object Deleted`; inside the transaction that deleted it. */
export const noteDeleted = (
  context: S3Context,
  bucket: BucketRecord,
  { version, reason, requestId }: { version: VersionRecord; reason: Reason; requestId: string },
): void => {
  const deletionType = version.object === undefined ? 'Delete Marker Created' : 'Permanently Deleted';
  enqueue(context, bucket, {
    bucket: bucket.name,
    detailType: 'Object Deleted',
    detail: { ...commonDetail(context, version, requestId), reason, 'deletion-type': deletionType },
  });
};

/** Hands on what the last transactions noted. */
export const sendNoted = ({ store, send }: S3Context): void => store.outbox.flush(send);
