import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { countOf } from '../count-parameter.ts';
import type { UploadRecord } from '../records.ts';
import { group, leaf, xmlDocument } from '../xml.ts';
import { listingOf, ownerElement } from './list-objects.ts';

const MAX_UPLOADS = 1_000;

const isBehind = (upload: UploadRecord, keyMarker: string, uploadIdMarker: string): boolean =>
  upload.key > keyMarker || (upload.key === keyMarker && uploadIdMarker !== '' && upload.uploadId > uploadIdMarker);

export const listMultipartUploads = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const { query } = request;
  const { prefix, encode, encodingType } = listingOf(request);
  const [keyMarker, uploadIdMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''];
  const maxUploads = countOf(query, { name: 'max-uploads', fallback: MAX_UPLOADS, max: MAX_UPLOADS });
  const rest = context.store.uploads
    .list(request.bucket)
    .filter((upload) => upload.key.startsWith(prefix) && isBehind(upload, keyMarker, uploadIdMarker));
  const uploads = rest.slice(0, maxUploads);
  const isTruncated = rest.length > uploads.length;
  const owner = ownerElement(context.identity.accountId);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument(
      'ListMultipartUploadsResult',
      leaf('Bucket', request.bucket),
      leaf('Prefix', encode(prefix)),
      leaf('KeyMarker', encode(keyMarker)),
      leaf('UploadIdMarker', uploadIdMarker),
      leaf('NextKeyMarker', isTruncated ? encode(uploads.at(-1)?.key ?? '') : undefined),
      leaf('NextUploadIdMarker', isTruncated ? uploads.at(-1)?.uploadId : undefined),
      leaf('MaxUploads', maxUploads),
      leaf('EncodingType', encodingType),
      leaf('IsTruncated', isTruncated),
      ...uploads.map((upload) =>
        group(
          'Upload',
          leaf('Key', encode(upload.key)),
          leaf('UploadId', upload.uploadId),
          owner,
          owner.replaceAll('Owner>', 'Initiator>'),
          leaf('StorageClass', upload.description.storageClass),
          leaf('Initiated', new Date(upload.initiatedAtMs).toISOString()),
        ),
      ),
    ),
  };
};
