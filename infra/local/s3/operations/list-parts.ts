import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { checksumElement } from '../checksums.ts';
import { countOf } from '../count-parameter.ts';
import { quoted } from '../object-headers.ts';
import { requireUpload } from '../require-upload.ts';
import { group, leaf, xmlDocument } from '../xml.ts';
import { ownerElement } from './list-objects.ts';

const MAX_PARTS = 1_000;
const MAX_PART_NUMBER = 10_000;

export const listParts = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const upload = requireUpload(context, request);
  const marker = countOf(request.query, { name: 'part-number-marker', fallback: 0, max: MAX_PART_NUMBER });
  const maxParts = countOf(request.query, { name: 'max-parts', fallback: MAX_PARTS, max: MAX_PARTS });
  const rest = context.store.uploads.parts(upload.uploadId).filter(({ partNumber }) => partNumber > marker);
  const parts = rest.slice(0, maxParts);
  const owner = ownerElement(context.identity.accountId);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument(
      'ListPartsResult',
      leaf('Bucket', upload.bucket),
      leaf('Key', upload.key),
      leaf('UploadId', upload.uploadId),
      owner,
      owner.replaceAll('Owner>', 'Initiator>'),
      leaf('StorageClass', upload.description.storageClass),
      leaf('PartNumberMarker', marker),
      leaf('NextPartNumberMarker', parts.at(-1)?.partNumber ?? 0),
      leaf('MaxParts', maxParts),
      leaf('IsTruncated', rest.length > parts.length),
      ...(upload.checksumAsked
        ? [leaf('ChecksumAlgorithm', upload.checksumAlgorithm), leaf('ChecksumType', upload.checksumType)]
        : []),
      ...parts.map((part) =>
        group(
          'Part',
          leaf('PartNumber', part.partNumber),
          leaf('LastModified', new Date(part.modifiedAtMs).toISOString()),
          leaf('ETag', quoted(part.etag)),
          leaf('Size', part.segment.size),
          upload.checksumAsked ? leaf(checksumElement(part.checksum.algorithm), part.checksum.value) : '',
        ),
      ),
    ),
  };
};
