import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { encryptionElement } from '../encryption-element.ts';
import { s3Error } from '../errors.ts';
import { kmsKeyArn } from '../object-headers.ts';
import { readDocument, readSmallBody } from '../read-document.ts';
import type { BucketRecord } from '../records.ts';
import { readTagging, taggingDocument } from '../tagging.ts';
import { childrenNamed, childText, group, leaf, xmlDocument } from '../xml.ts';

const ALGORITHMS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
const PUBLIC_ACCESS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];

const answer = (body: string): WireResponse => ({ status: 200, headers: { 'content-type': 'application/xml' }, body });

const change = (
  context: S3Context,
  request: S3Request,
  { status, with: next }: { status: number; with: (bucket: BucketRecord) => BucketRecord },
): WireResponse => {
  const bucket = requireBucket(context, request);
  context.store.transaction(() => context.store.saveBucket(next(bucket)));
  return { status };
};

export const getBucketVersioning = (context: S3Context, request: S3Request): WireResponse =>
  answer(xmlDocument('VersioningConfiguration', leaf('Status', requireBucket(context, request).versioning)));

export const putBucketVersioning = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'VersioningConfiguration');
  const status = childText(document, 'Status');
  if (status === 'Suspended' && requireBucket(context, request).objectLock !== undefined) {
    throw s3Error(
      'InvalidBucketState',
      {},
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    );
  }
  if (status !== 'Enabled' && status !== 'Suspended') throw s3Error('MalformedXML');
  return change(context, request, { status: 200, with: (bucket) => ({ ...bucket, versioning: status }) });
};

export const getBucketNotification = (context: S3Context, request: S3Request): WireResponse => {
  const { eventBridge } = requireBucket(context, request);
  return answer(xmlDocument('NotificationConfiguration', eventBridge ? group('EventBridgeConfiguration') : ''));
};

export const putBucketNotification = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'NotificationConfiguration');
  const eventBridge = document.children.length > 0;
  return change(context, request, { status: 200, with: (bucket) => ({ ...bucket, eventBridge }) });
};

export const getBucketPolicy = (context: S3Context, request: S3Request): WireResponse => {
  const { policy, name } = requireBucket(context, request);
  if (policy === undefined) throw s3Error('NoSuchBucketPolicy', { BucketName: name });
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(policy) };
};

const parsePolicy = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw s3Error('InvalidRequest', {}, 'Policies must be valid JSON and the first byte must be {');
  }
};

export const putBucketPolicy = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const policy = parsePolicy((await readSmallBody(request)).toString('utf8'));
  return change(context, request, { status: 204, with: (bucket) => ({ ...bucket, policy }) });
};

export const deleteBucketPolicy = (context: S3Context, request: S3Request): WireResponse =>
  change(context, request, { status: 204, with: ({ policy: _, ...bucket }) => bucket });

export const getBucketEncryption = (context: S3Context, request: S3Request): WireResponse =>
  answer(
    xmlDocument('ServerSideEncryptionConfiguration', encryptionElement(requireBucket(context, request).encryption)),
  );

export const putBucketEncryption = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const rules = childrenNamed(await readDocument(request, 'ServerSideEncryptionConfiguration'), 'Rule');
  const [rule] = rules;
  if (rule === undefined || rules.length > 1) throw s3Error('MalformedXML');
  const [byDefault] = childrenNamed(rule, 'ApplyServerSideEncryptionByDefault');
  const algorithm = ALGORITHMS.find((name) => name === (byDefault && childText(byDefault, 'SSEAlgorithm')));
  const key = byDefault && childText(byDefault, 'KMSMasterKeyID');
  if (algorithm === undefined) throw s3Error('MalformedXML');
  if (algorithm === 'AES256' && key !== undefined) {
    throw s3Error(
      'InvalidArgument',
      {},
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    );
  }
  const encryption = {
    algorithm,
    ...(key === undefined ? {} : { keyArn: kmsKeyArn(context.identity, key) }),
    bucketKey: childText(rule, 'BucketKeyEnabled') === 'true',
  };
  return change(context, request, { status: 200, with: (bucket) => ({ ...bucket, encryption }) });
};

export const deleteBucketEncryption = (context: S3Context, request: S3Request): WireResponse =>
  change(context, request, { status: 204, with: (bucket) => ({ ...bucket, encryption: { algorithm: 'AES256' } }) });

export const getBucketTagging = (context: S3Context, request: S3Request): WireResponse => {
  const { tags, name } = requireBucket(context, request);
  if (Object.keys(tags).length === 0) throw s3Error('NoSuchTagSet', { BucketName: name });
  return answer(taggingDocument(tags));
};

export const putBucketTagging = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const tags = Object.fromEntries(readTagging(await readDocument(request, 'Tagging')));
  return change(context, request, { status: 204, with: (bucket) => ({ ...bucket, tags }) });
};

export const deleteBucketTagging = (context: S3Context, request: S3Request): WireResponse =>
  change(context, request, { status: 204, with: (bucket) => ({ ...bucket, tags: {} }) });

export const getPublicAccessBlock = (context: S3Context, request: S3Request): WireResponse => {
  const { publicAccessBlock } = requireBucket(context, request);
  // AWS blocks all public access of new buckets.
  const settings = PUBLIC_ACCESS.map((name) => [name, publicAccessBlock?.[name] ?? true] as const);
  return answer(xmlDocument('PublicAccessBlockConfiguration', ...settings.map(([name, value]) => leaf(name, value))));
};

export const putPublicAccessBlock = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'PublicAccessBlockConfiguration');
  const publicAccessBlock = Object.fromEntries(
    PUBLIC_ACCESS.map((name) => [name, childText(document, name) === 'true']),
  );
  return change(context, request, { status: 200, with: (bucket) => ({ ...bucket, publicAccessBlock }) });
};
