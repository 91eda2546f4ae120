import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { s3Error } from '../errors.ts';
import { lifecycleDocument, readLifecycleDocument } from '../lifecycle-document.ts';
import type { LifecycleRule } from '../lifecycle-rule.ts';
import { readDocument } from '../read-document.ts';

const save = (context: S3Context, request: S3Request, lifecycle: readonly LifecycleRule[]): void => {
  const bucket = requireBucket(context, request);
  context.store.transaction(() => context.store.saveBucket({ ...bucket, lifecycle }));
  context.armLifecycle();
};

export const getBucketLifecycle = (context: S3Context, request: S3Request): WireResponse => {
  const { lifecycle, name } = requireBucket(context, request);
  if (lifecycle.length === 0) throw s3Error('NoSuchLifecycleConfiguration', { BucketName: name });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: lifecycleDocument(lifecycle) };
};

export const putBucketLifecycle = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const rules = readLifecycleDocument(await readDocument(request, 'LifecycleConfiguration'));
  // A rule without a name gets one.
  save(
    context,
    request,
    rules.map((rule) => (rule.id === '' ? { ...rule, id: context.ids.uuid() } : rule)),
  );
  return { status: 200 };
};

export const deleteBucketLifecycle = (context: S3Context, request: S3Request): WireResponse => {
  save(context, request, []);
  return { status: 204 };
};
