import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import {
  checksumHeaders,
  describeObject,
  encryptionHeaders,
  quoted,
  writtenVersionHeaders,
} from '../object-headers.ts';
import { receiveBody } from '../receive-body.ts';
import { writeObject } from '../write-object.ts';

export const putObject = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  const received = await receiveBody(request.wire, context.store.blobs);
  try {
    // Read again: the body may have taken long, and the bucket may have changed or gone meanwhile.
    const bucket = requireBucket(context, request);
    const object = {
      ...describeObject(request.headers, bucket, context),
      size: received.size,
      etag: received.md5.toString('hex'),
      modifiedAtMs: context.nowMs(),
      segments: [{ blob: received.blob, size: received.size }],
      multipart: false,
      checksum: { ...received.checksum, type: 'FULL_OBJECT' as const },
    };
    const version = writeObject(context, request, {
      bucket,
      key: request.key,
      object,
      reason: 'PutObject',
      before: () => received.incoming.keepAs(received.blob),
    });
    return {
      status: 200,
      headers: {
        etag: quoted(object.etag),
        ...writtenVersionHeaders(bucket, version),
        ...checksumHeaders(object),
        ...encryptionHeaders(object.encryption),
      },
    };
  } finally {
    received.incoming.discard();
  }
};
