import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { requireUpload } from '../require-upload.ts';

export const abortMultipartUpload = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const { uploadId } = requireUpload(context, request);
  context.store.transaction(() => context.store.uploads.remove(uploadId));
  return { status: 204 };
};
