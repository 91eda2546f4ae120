import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { DEFAULT_ALGORITHM } from '../checksums.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { describeObject, encryptionHeaders } from '../object-headers.ts';
import { requestedAlgorithm } from '../receive-body.ts';
import type { UploadRecord } from '../records.ts';
import { leaf, xmlDocument } from '../xml.ts';

const checksumTypeOf = ({ headers }: S3Request, algorithm: string): UploadRecord['checksumType'] => {
  const given = headers['x-amz-checksum-type'];
  const type = given ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') {
    throw invalidArgument(`Unknown checksum type: ${type}`, 'x-amz-checksum-type', type);
  }
  if ((type === 'FULL_OBJECT' && algorithm.startsWith('SHA')) || (type === 'COMPOSITE' && algorithm === 'CRC64NVME')) {
    throw s3Error(
      'InvalidRequest',
      {},
      `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  }
  return type;
};

export const createMultipartUpload = (context: S3Context, request: S3Request): WireResponse => {
  const bucket = requireBucket(context, request);
  const asked = requestedAlgorithm(request.headers);
  const checksumAlgorithm = asked ?? DEFAULT_ALGORITHM;
  const upload: UploadRecord = {
    uploadId: context.ids.bytes(48).toString('base64url'),
    bucket: bucket.name,
    key: request.key,
    initiatedAtMs: context.nowMs(),
    description: describeObject(request.headers, bucket, context),
    checksumAlgorithm,
    checksumType: checksumTypeOf(request, checksumAlgorithm),
    checksumAsked: asked !== undefined,
  };
  context.store.transaction(() => context.store.uploads.create(upload));
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      ...encryptionHeaders(upload.description.encryption),
      ...(asked ? { 'x-amz-checksum-algorithm': asked, 'x-amz-checksum-type': upload.checksumType } : {}),
    },
    body: xmlDocument(
      'InitiateMultipartUploadResult',
      leaf('Bucket', upload.bucket),
      leaf('Key', upload.key),
      leaf('UploadId', upload.uploadId),
    ),
  };
};
