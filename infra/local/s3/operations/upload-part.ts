import type { WireRequest, WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import type { ByteRange } from '../byte-range.ts';
import { checksumElement, checksumHeader } from '../checksums.ts';
import { copySource } from '../copy-source.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { encryptionHeaders, quoted } from '../object-headers.ts';
import { type ReceivedBody, receiveBody, requestedAlgorithm } from '../receive-body.ts';
import type { PartRecord, UploadRecord } from '../records.ts';
import { partNumberOf, requireUpload } from '../require-upload.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { piecesOf } from './get-object.ts';

const keepPart = (context: S3Context, request: S3Request, received: ReceivedBody): PartRecord => {
  // Asked again: the upload may have been completed or aborted while the body arrived.
  const upload = requireUpload(context, request);
  const part: PartRecord = {
    partNumber: partNumberOf(request),
    segment: { blob: received.blob, size: received.size },
    etag: received.md5.toString('hex'),
    modifiedAtMs: context.nowMs(),
    checksum: received.checksum,
  };
  context.store.transaction(() => {
    received.incoming.keepAs(received.blob);
    context.store.uploads.putPart(upload.uploadId, part);
  });
  return part;
};

/** Parts are hashed by the upload's algorithm, whatever the part's request leaves open. */
const withAlgorithm = (wire: WireRequest, upload: UploadRecord): WireRequest => {
  const given = requestedAlgorithm(wire.headers);
  if (given !== undefined && given !== upload.checksumAlgorithm && upload.checksumAsked) {
    throw s3Error(
      'InvalidRequest',
      {},
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksumAlgorithm.toLowerCase()}, actual checksum Type: ${given.toLowerCase()}`,
    );
  }
  return wire;
};

export const uploadPart = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  partNumberOf(request);
  const upload = requireUpload(context, request);
  const received = await receiveBody(
    withAlgorithm(request.wire, upload),
    context.store.blobs,
    upload.checksumAlgorithm,
  );
  try {
    const part = keepPart(context, request, received);
    return {
      status: 200,
      headers: {
        etag: quoted(part.etag),
        [checksumHeader(part.checksum.algorithm)]: part.checksum.value,
        ...encryptionHeaders(upload.description.encryption),
      },
    };
  } finally {
    received.incoming.discard();
  }
};

const COPY_RANGE = /^bytes=(\d+)-(\d+)$/;

/** Unlike a read's range, one to copy must be whole and lie within the source. */
const copyRange = (header: string | undefined, size: number): ByteRange | undefined => {
  if (header === undefined) return undefined;
  const match = COPY_RANGE.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || start > end) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (end >= size) throw s3Error('InvalidRange', { RangeRequested: header, ActualObjectSize: size });
  return { start, end };
};

export const uploadPartCopy = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  partNumberOf(request);
  const upload = requireUpload(context, request);
  const { object } = copySource(context, request);
  const range = copyRange(request.headers['x-amz-copy-source-range'], object.size);
  const pieces = piecesOf(object.segments, range ?? { start: 0, end: object.size - 1 });
  const wire = { ...request.wire, headers: {}, body: context.store.blobs.read(pieces) };
  const received = await receiveBody(wire, context.store.blobs, upload.checksumAlgorithm);
  try {
    const part = keepPart(context, request, received);
    return {
      status: 200,
      headers: { 'content-type': 'application/xml', ...encryptionHeaders(upload.description.encryption) },
      body: xmlDocument(
        'CopyPartResult',
        leaf('LastModified', new Date(part.modifiedAtMs).toISOString()),
        leaf('ETag', quoted(part.etag)),
        leaf(checksumElement(part.checksum.algorithm), part.checksum.value),
      ),
    };
  } finally {
    received.incoming.discard();
  }
};
