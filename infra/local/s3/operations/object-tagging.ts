import type { WireResponse } from '../../contracts.ts';
import { requireBucket, requireObject, type S3Context, type S3Request } from '../bucket-access.ts';
import { checkedTags, versionHeaders } from '../object-headers.ts';
import { readDocument } from '../read-document.ts';
import { readTagging, taggingDocument } from '../tagging.ts';

const named = (context: S3Context, { bucket, key, query }: S3Request) =>
  requireObject(context, { bucket, key, versionId: query.get('versionId') ?? undefined });

export const getObjectTagging = (context: S3Context, request: S3Request): WireResponse => {
  const bucket = requireBucket(context, request);
  const version = named(context, request);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...versionHeaders(bucket, version) },
    body: taggingDocument(version.object.tags),
  };
};

const replaceTags = (
  context: S3Context,
  request: S3Request,
  { tags, status }: { tags: Readonly<Record<string, string>>; status: number },
): WireResponse => {
  const bucket = requireBucket(context, request);
  const version = named(context, request);
  context.store.transaction(() => context.store.updateObject(version, { ...version.object, tags }));
  return { status, headers: versionHeaders(bucket, version) };
};

export const putObjectTagging = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const tags = checkedTags(readTagging(await readDocument(request, 'Tagging')));
  return replaceTags(context, request, { tags, status: 200 });
};

export const deleteObjectTagging = (context: S3Context, request: S3Request): WireResponse =>
  replaceTags(context, request, { tags: {}, status: 204 });
