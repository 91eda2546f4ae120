import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { checksumElement, checksumHeader, compositeChecksum } from '../checksums.ts';
import { s3Error } from '../errors.ts';
import { hashBlobs } from '../hash-blobs.ts';
import { encryptionHeaders, quoted, writtenVersionHeaders } from '../object-headers.ts';
import { readUncheckedDocument } from '../read-document.ts';
import type {
  BucketRecord,
  ChecksumRecord,
  ObjectRecord,
  PartRecord,
  UploadRecord,
  VersionRecord,
} from '../records.ts';
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
  const given = childText(element, checksumElement(part.checksum.algorithm));
  if (given !== undefined && given !== part.checksum.value) throw s3Error('InvalidPart', { PartNumber: partNumber });
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
        parts.map(({ checksum }) => checksum.value),
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

const answer = (
  request: S3Request,
  bucket: BucketRecord,
  version: VersionRecord,
  object: ObjectRecord,
): WireResponse => ({
  status: 200,
  headers: {
    'content-type': 'application/xml',
    ...writtenVersionHeaders(bucket, version),
    ...encryptionHeaders(object.encryption),
  },
  body: xmlDocument(
    'CompleteMultipartUploadResult',
    leaf('Location', `http://${request.headers.host ?? 'localhost'}/${version.bucket}/${version.key}`),
    leaf('Bucket', version.bucket),
    leaf('Key', version.key),
    leaf('ETag', quoted(object.etag)),
    leaf(checksumElement(object.checksum.algorithm), object.checksum.value),
    leaf('ChecksumType', object.checksum.type),
  ),
});

/** The answer once more, for an upload that was completed before and whose object still stands. */
const repeatedAnswer = (context: S3Context, request: S3Request): WireResponse | undefined => {
  const done = context.store.uploads.completed(request.query.get('uploadId') ?? '');
  if (done === undefined || done.bucket !== request.bucket || done.key !== request.key) return undefined;
  const version = context.store.version(done.bucket, done.key, done.versionId);
  return version?.object && answer(request, requireBucket(context, request), version, version.object);
};

export const completeMultipartUpload = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  requireBucket(context, request);
  const document = await readUncheckedDocument(request, 'CompleteMultipartUpload');
  const repeated = repeatedAnswer(context, request);
  if (repeated) return repeated;
  const upload = requireUpload(context, request);
  const parts = listedParts(context, upload, document);
  const checksum = await checksumOf(context, upload, parts);
  requireChecksum(request, checksum);
  const bucket = requireBucket(context, request);
  const segments = parts.map(({ segment, checksum: own }) =>
    own.algorithm === upload.checksumAlgorithm ? { ...segment, checksum: own.value } : segment,
  );
  const object = {
    ...upload.description,
    size: segments.reduce((sum, { size }) => sum + size, 0),
    etag: multipartEtag(parts),
    modifiedAtMs: context.nowMs(),
    segments,
    multipart: true,
    checksum,
  };
  const declared = request.headers['x-amz-mp-object-size'];
  if (declared !== undefined && Number(declared) !== object.size) {
    throw s3Error('InvalidRequest', {}, "The provided 'x-amz-mp-object-size' header does not match what was computed.");
  }
  const type = request.headers['x-amz-checksum-type'];
  if (type !== undefined && type !== checksum.type) {
    throw s3Error(
      'InvalidRequest',
      {},
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  // Checked again with the bytes in hand: a second Complete, an Abort or a new part may have come in between.
  listedParts(context, requireUpload(context, request), document);
  const version = writeObject(context, request, {
    bucket,
    key: upload.key,
    object,
    reason: 'CompleteMultipartUpload',
    after: ({ versionId }) => context.store.uploads.complete(upload, versionId),
  });
  return answer(request, bucket, version, object);
};
