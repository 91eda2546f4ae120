import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { newBucket, requireBucketName } from '../bucket-definition.ts';
import { s3Error } from '../errors.ts';
import { readSmallBody } from '../read-document.ts';
import { childText, group, leaf, parseXml, xmlDocument } from '../xml.ts';
import { ownerElement } from './list-objects.ts';

const DEFAULT_REGION = 'us-east-1';
const XML = { 'content-type': 'application/xml' };

export const listBuckets = ({ store, identity }: S3Context, { query }: S3Request): WireResponse => {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token') ?? '';
  const maxBuckets = Number(query.get('max-buckets') ?? '10000');
  const rest = store.buckets().filter(({ name }) => name.startsWith(prefix) && name > token);
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

export const createBucket = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const { identity, store } = context;
  requireBucketName(request.bucket);
  const body = (await readSmallBody(request)).toString('utf8');
  const constraint = body === '' ? undefined : childText(parseXml(body), 'LocationConstraint');
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
  store.transaction(() => store.saveBucket(newBucket(request.bucket, context.nowMs())));
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
