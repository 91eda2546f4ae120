import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { CHECKSUM_ALGORITHMS, checksumElement, checksumHeader, compositeChecksum } from '../checksums.ts';
import { s3Error } from '../errors.ts';
import { hashBlobs } from '../hash-blobs.ts';
import { encryptionHeaders, quoted, versionHeaders } from '../object-headers.ts';
import { readDocument } from '../read-document.ts';
import type { ChecksumRecord, PartRecord, UploadRecord } from '../records.ts';
import { requireUpload } from '../require-upload.ts';
import { writeObject } from '../write-object.ts';
import { childrenNamed, childText, leaf, type XmlElement, xmlDocument } from '../xml.ts';
import { piecesOf } from './get-object.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

const listedPart = (element: XmlElement, kept: ReadonlyMap<number, PartRecord>): PartRecord => {
  const partNumber = Number(childText(element, 'PartNumber'));
  const etag = childText(element, 'ETag')?.replaceAll('"', '');
  const part = kept.get(partNumber);
  if (part === undefined || part.etag !== etag) {
    throw s3Error('InvalidPart', { PartNumber: partNumber, ETag: etag ?? '' });
  }
  const given = CHECKSUM_ALGORITHMS.map((algorithm) => childText(element, checksumElement(algorithm))).find(Boolean);
  if (given !== undefined && given !== part.checksum) throw s3Error('InvalidPart', { PartNumber: partNumber });
  return part;
};

const requireSizes = (parts: readonly PartRecord[], upload: UploadRecord): void => {
  const small = parts.slice(0, -1).find(({ segment }) => segment.size < MIN_PART_BYTES);
  if (small) {
    throw s3Error('EntityTooSmall', {
      ProposedSize: small.segment.size,
      MinSizeAllowed: MIN_PART_BYTES,
      PartNumber: small.partNumber,
      ETag: small.etag,
      UploadId: upload.uploadId,
    });
  }
};

/** The parts that the request lists, checked against those that were uploaded. */
const listedParts = (context: S3Context, upload: UploadRecord, document: XmlElement): readonly PartRecord[] => {
  const kept = new Map(context.store.uploads.parts(upload.uploadId).map((part) => [part.partNumber, part]));
  const elements = childrenNamed(document, 'Part');
  if (elements.length === 0) throw s3Error('MalformedXML');
  const parts = elements.map((element) => listedPart(element, kept));
  if (parts.some((part, index) => index > 0 && part.partNumber <= (parts[index - 1]?.partNumber ?? 0))) {
    throw s3Error('InvalidPartOrder');
  }
  requireSizes(parts, upload);
  return parts;
};

const multipartEtag = (parts: readonly PartRecord[]): string => {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
};

const checksumOf = async (
  context: S3Context,
  upload: UploadRecord,
  parts: readonly PartRecord[],
): Promise<ChecksumRecord> => {
  const { checksumAlgorithm: algorithm, checksumType: type } = upload;
  if (type === 'COMPOSITE') {
    return {
      algorithm,
      type,
      value: compositeChecksum(
        algorithm,
        parts.map(({ checksum }) => checksum),
      ),
    };
  }
  const segments = parts.map(({ segment }) => segment);
  const end = segments.reduce((sum, { size }) => sum + size, 0) - 1;
  const { checksum } = await hashBlobs(context.store.blobs, piecesOf(segments, { start: 0, end }), algorithm);
  return { algorithm, type, value: checksum };
};

const requireChecksum = ({ headers }: S3Request, { algorithm, value }: ChecksumRecord): void => {
  const given = headers[checksumHeader(algorithm)];
  if (given !== undefined && given !== value && given !== value.replace(/-\d+$/, '')) {
    throw s3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`);
  }
};

export const completeMultipartUpload = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  const document = await readDocument(request, 'CompleteMultipartUpload');
  const upload = requireUpload(context, request);
  const parts = listedParts(context, upload, document);
  const checksum = await checksumOf(context, upload, parts);
  requireChecksum(request, checksum);
  const bucket = requireBucket(context, request);
  const segments = parts.map(({ segment }) => segment);
  const object = {
    ...upload.description,
    size: segments.reduce((sum, { size }) => sum + size, 0),
    etag: multipartEtag(parts),
    modifiedAtMs: context.nowMs(),
    segments,
    multipart: true,
    checksum,
  };
  // Checked again with the bytes in hand: a second Complete, an Abort or a new part may have come in between.
  listedParts(context, requireUpload(context, request), document);
  const version = writeObject(context, request, {
    bucket,
    key: upload.key,
    object,
    reason: 'CompleteMultipartUpload',
    after: () => context.store.uploads.remove(upload.uploadId),
  });
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      ...versionHeaders(bucket, version),
      ...encryptionHeaders(object.encryption),
    },
    body: xmlDocument(
      'CompleteMultipartUploadResult',
      leaf('Location', `http://${request.headers.host ?? 'localhost'}/${upload.bucket}/${upload.key}`),
      leaf('Bucket', upload.bucket),
      leaf('Key', upload.key),
      leaf('ETag', quoted(object.etag)),
      leaf(checksumElement(checksum.algorithm), checksum.value),
      leaf('ChecksumType', checksum.type),
    ),
  };
};
