import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { checksumElement } from '../checksums.ts';
import { type CopySource, copySource } from '../copy-source.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { hashBlobs } from '../hash-blobs.ts';
import { checkedTags, describeObject, encryptionHeaders, quoted, writtenVersionHeaders } from '../object-headers.ts';
import { requestedAlgorithm } from '../receive-body.ts';
import type { BucketRecord, ObjectDescription, ObjectRecord } from '../records.ts';
import { writeObject } from '../write-object.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { piecesOf } from './get-object.ts';

const MAX_COPY_BYTES = 5 * 1024 ** 3;

const directive = ({ headers }: S3Request, name: string): 'COPY' | 'REPLACE' => {
  const given = headers[name] ?? 'COPY';
  if (given === 'COPY' || given === 'REPLACE') return given;
  throw invalidArgument(`Unknown ${name}: must be COPY or REPLACE, got ${given}`, name, given);
};

const describeCopy = (
  context: S3Context,
  request: S3Request,
  { source, bucket }: { source: CopySource; bucket: BucketRecord },
): ObjectDescription => {
  const given = describeObject(request.headers, bucket, context);
  const keepsMetadata = directive(request, 'x-amz-metadata-directive') === 'COPY';
  const keepsTags = directive(request, 'x-amz-tagging-directive') === 'COPY';
  return {
    ...given,
    ...(keepsMetadata ? { headers: source.object.headers, metadata: source.object.metadata } : {}),
    tags: keepsTags ? source.object.tags : checkedTags(Object.entries(given.tags)),
  };
};

const refuseNoChange = (request: S3Request, source: CopySource): void => {
  const inPlace = source.bucket === request.bucket && source.key === request.key && source.latest;
  const changes =
    directive(request, 'x-amz-metadata-directive') === 'REPLACE' ||
    ['x-amz-storage-class', 'x-amz-server-side-encryption', 'x-amz-website-redirect-location'].some(
      (name) => request.headers[name] !== undefined,
    );
  if (inPlace && !changes) {
    throw s3Error(
      'InvalidRequest',
      {},
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
};

/** The copied object's bytes as one whole: ETag and checksum are the whole's, however the source was uploaded. */
const copiedContent = async (
  context: S3Context,
  request: S3Request,
  { object }: CopySource,
): Promise<Pick<ObjectRecord, 'etag' | 'checksum' | 'segments' | 'size' | 'multipart'>> => {
  const algorithm = requestedAlgorithm(request.headers) ?? object.checksum.algorithm;
  const { segments, size } = object;
  const kept = { segments, size, multipart: false };
  if (!object.multipart && algorithm === object.checksum.algorithm) {
    return { ...kept, etag: object.etag, checksum: object.checksum };
  }
  const pieces = piecesOf(segments, { start: 0, end: size - 1 });
  const { checksum, md5 } = await hashBlobs(context.store.blobs, pieces, algorithm);
  return { ...kept, etag: md5.toString('hex'), checksum: { algorithm, value: checksum, type: 'FULL_OBJECT' } };
};

export const copyObject = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  const source = copySource(context, request);
  if (source.object.size > MAX_COPY_BYTES) {
    throw s3Error(
      'InvalidRequest',
      {},
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    );
  }
  refuseNoChange(request, source);
  const content = await copiedContent(context, request, source);
  // The source may have been deleted or overwritten, and its bytes with it, while they were read.
  if (copySource(context, request).sequence !== source.sequence) throw s3Error('OperationAborted');
  const bucket = requireBucket(context, request);
  const object = {
    ...describeCopy(context, request, { source, bucket }),
    ...content,
    modifiedAtMs: context.nowMs(),
  };
  const version = writeObject(context, request, { bucket, key: request.key, object, reason: 'CopyObject' });
  const sourceBucket = context.store.bucket(source.bucket);
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      ...writtenVersionHeaders(bucket, version),
      ...(sourceBucket?.versioning ? { 'x-amz-copy-source-version-id': source.versionId } : {}),
      ...encryptionHeaders(object.encryption),
    },
    body: xmlDocument(
      'CopyObjectResult',
      leaf('ETag', quoted(object.etag)),
      leaf('LastModified', new Date(object.modifiedAtMs).toISOString()),
      leaf('ChecksumType', object.checksum.type),
      leaf(checksumElement(object.checksum.algorithm), object.checksum.value),
    ),
  };
};
