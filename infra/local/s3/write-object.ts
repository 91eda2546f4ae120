import type { S3Context, S3Request } from './bucket-access.ts';
import { noteCreated, sendNoted } from './notify.ts';
import { withDefaultRetention } from './object-lock.ts';
import { requireWriteConditions } from './preconditions.ts';
import type { BucketRecord, ObjectRecord, VersionRecord } from './records.ts';

interface ObjectWrite {
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly object: ObjectRecord;
  readonly reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
  /** Runs before the version is added, in the same commit. */
  readonly before?: () => void;
  /** Runs after the version was added, in the same commit. */
  readonly after?: (added: VersionRecord) => void;
}

/** Makes an object current: conditions, the version and its event are one commit. @throws AwsError PreconditionFailed */
export const writeObject = (context: S3Context, request: S3Request, write: ObjectWrite): VersionRecord => {
  const { bucket, key, object, reason } = write;
  const { store } = context;
  const version = store.transaction(() => {
    requireWriteConditions(request.headers, key, store.latest(bucket.name, key));
    write.before?.();
    const added = store.addVersion({
      bucket: bucket.name,
      key,
      versionId: bucket.versioning === 'Enabled' ? 'unique' : 'null',
      object: withDefaultRetention(bucket, object),
      modifiedAtMs: object.modifiedAtMs,
    });
    write.after?.(added);
    noteCreated(context, bucket, { version: added, reason, request });
    return added;
  });
  sendNoted(context);
  return version;
};
