import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { newBucket, requireBucketName } from '../bucket-definition.ts';
import { countOf } from '../count-parameter.ts';
import { notImplemented, s3Error } from '../errors.ts';
import { checkedDocument, readSmallBody } from '../read-document.ts';
import { childrenNamed, childText, group, leaf, type XmlElement, xmlDocument } from '../xml.ts';
import { ownerElement } from './list-objects.ts';

const MAX_BUCKETS = 10_000;
const DEFAULT_REGION = 'us-east-1';
const XML = { 'content-type': 'application/xml' };

export const listBuckets = ({ store, identity }: S3Context, { query }: S3Request): WireResponse => {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token') ?? '';
  const maxBuckets = countOf(query, { name: 'max-buckets', fallback: MAX_BUCKETS, max: MAX_BUCKETS });
  const regional = [identity.region, null].includes(query.get('bucket-region'));
  const rest = store.buckets().filter(({ name }) => regional && name.startsWith(prefix) && name > token);
  const page = rest.slice(0, maxBuckets);
  return {
    status: 200,
    headers: XML,
    body: xmlDocument(
      'ListAllMyBucketsResult',
      ownerElement(identity.accountId),
      group(
        'Buckets',
        ...page.map(({ name, createdAtMs }) =>
          group(
            'Bucket',
            leaf('Name', name),
            leaf('CreationDate', new Date(createdAtMs).toISOString()),
            leaf('BucketRegion', identity.region),
          ),
        ),
      ),
      leaf('Prefix', prefix === '' ? undefined : prefix),
      leaf('ContinuationToken', rest.length > page.length ? page.at(-1)?.name : undefined),
    ),
  };
};

/** Ownership by object writers would need ACLs. */
const requireOwnership = ({ headers }: S3Request): void => {
  const given = headers['x-amz-object-ownership'] ?? 'BucketOwnerEnforced';
  if (given !== 'BucketOwnerEnforced') throw notImplemented(`x-amz-object-ownership ${given}`);
};

const tagsOf = (document: XmlElement | undefined): Readonly<Record<string, string>> => {
  const tags = (document ? childrenNamed(document, 'Tags') : []).flatMap((set) => childrenNamed(set, 'Tag'));
  return Object.fromEntries(tags.map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? '']));
};

export const createBucket = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const { identity, store } = context;
  requireBucketName(request.bucket);
  const body = (await readSmallBody(request)).toString('utf8');
  const document = body === '' ? undefined : checkedDocument(body, 'CreateBucketConfiguration', request);
  const constraint = document && childText(document, 'LocationConstraint');
  requireOwnership(request);
  if ((constraint ?? DEFAULT_REGION) !== identity.region) {
    throw s3Error(
      'InvalidArgument',
      { ArgumentName: 'LocationConstraint', ArgumentValue: constraint ?? '' },
      `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to: ${identity.region}.`,
    );
  }
  if (store.bucket(request.bucket) !== undefined) {
    // The oldest region answers success, as it always did.
    if (identity.region === DEFAULT_REGION) return { status: 200, headers: { location: `/${request.bucket}` } };
    throw s3Error('BucketAlreadyOwnedByYou', { BucketName: request.bucket });
  }
  const locked = request.headers['x-amz-bucket-object-lock-enabled']?.toLowerCase() === 'true';
  store.transaction(() =>
    store.saveBucket({
      ...newBucket(request.bucket, context.nowMs()),
      ...(locked ? { versioning: 'Enabled', objectLock: {} } : {}),
      tags: tagsOf(document),
    }),
  );
  return { status: 200, headers: { location: `/${request.bucket}` } };
};

export const headBucket = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  return {
    status: 200,
    headers: { 'x-amz-bucket-region': context.identity.region, 'content-type': 'application/xml' },
  };
};

export const deleteBucket = (context: S3Context, request: S3Request): WireResponse => {
  const { name } = requireBucket(context, request);
  const { store } = context;
  if (!store.isEmpty(name)) throw s3Error('BucketNotEmpty', { BucketName: name });
  store.transaction(() => {
    for (const { uploadId } of store.uploads.list(name)) store.uploads.remove(uploadId);
    store.removeBucket(name);
  });
  return { status: 204 };
};

export const getBucketLocation = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const { region } = context.identity;
  return {
    status: 200,
    headers: XML,
    body: xmlDocument('LocationConstraint', region === DEFAULT_REGION ? '' : region),
  };
};
