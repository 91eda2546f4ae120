import type { WireResponse } from '../../contracts.ts';
import type { BlobPiece } from '../blob-store.ts';
import { requireBucket, requireObject, type S3Context, type S3Request } from '../bucket-access.ts';
import { type ByteRange, byteRange } from '../byte-range.ts';
import { s3Error } from '../errors.ts';
import { checksumHeaders, objectHeaders, quoted } from '../object-headers.ts';
import { readConditions, readVerdict } from '../preconditions.ts';
import type { ObjectRecord, Segment } from '../records.ts';

/** Answered in one piece. */
const SMALL_BYTES = 256 * 1024;

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

const overridesOf = (query: URLSearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );

/** The stretches of blobs that hold a range of the object. */
export const piecesOf = (segments: readonly Segment[], { start, end }: ByteRange): readonly BlobPiece[] => {
  let offset = 0;
  return segments.flatMap(({ blob, size }) => {
    const piece = { blob, start: Math.max(start - offset, 0), end: Math.min(end - offset, size - 1) };
    offset += size;
    return piece.start <= piece.end && piece.start < size && piece.end >= 0 ? [piece] : [];
  });
};

const partRange = (object: ObjectRecord, partNumber: string): ByteRange => {
  const position = Number(partNumber) - 1;
  const segment = object.segments[position];
  if (!Number.isInteger(position) || segment === undefined) {
    throw s3Error('InvalidPartNumber', { PartNumberRequested: partNumber, ActualPartCount: object.segments.length });
  }
  const start = object.segments.slice(0, position).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + segment.size - 1 };
};

const rangeOf = ({ query, headers }: S3Request, object: ObjectRecord): ByteRange | undefined => {
  const partNumber = query.get('partNumber');
  if (partNumber === null) return byteRange(headers.range, object.size);
  if (headers.range !== undefined)
    throw s3Error('InvalidRequest', {}, 'Cannot specify both Range header and partNumber query parameter');
  return object.size === 0 ? undefined : partRange(object, partNumber);
};

/** Checksums when asked for: the whole's or a part's. Of any other stretch none is known. */
const checksumsOf = (
  { headers, query }: S3Request,
  object: ObjectRecord,
  range: ByteRange | undefined,
): Readonly<Record<string, string>> => {
  if (headers['x-amz-checksum-mode']?.toUpperCase() !== 'ENABLED') return {};
  const part = query.has('partNumber') ? object.segments[Number(query.get('partNumber')) - 1] : undefined;
  if (part?.checksum !== undefined) {
    return checksumHeaders({ ...object, checksum: { ...object.checksum, value: part.checksum } });
  }
  return range === undefined ? checksumHeaders(object) : {};
};

/** GetObject and HeadObject: the same answer, with and without its body. */
export const getObject = (context: S3Context, request: S3Request): WireResponse => {
  const { query, headers } = request;
  const bucket = requireBucket(context, request);
  const version = requireObject(context, {
    bucket: request.bucket,
    key: request.key,
    versionId: query.get('versionId') ?? undefined,
  });
  const { object } = version;
  const verdict = readVerdict(readConditions(headers), object);
  if (verdict === 'not modified') return { status: 304, headers: { etag: quoted(object.etag) } };
  const range = rangeOf(request, object);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  const answer = {
    status: range ? 206 : 200,
    headers: {
      ...objectHeaders(bucket, version, object),
      ...overridesOf(query),
      'content-length': String(end - start + 1),
      ...(range ? { 'content-range': `bytes ${start}-${end}/${object.size}` } : {}),
      ...checksumsOf(request, object, range),
      ...(query.has('partNumber') && object.multipart
        ? { 'x-amz-mp-parts-count': String(object.segments.length) }
        : {}),
    },
  };
  if (request.method === 'HEAD') return answer;
  const pieces = piecesOf(object.segments, { start, end });
  const { blobs } = context.store;
  return { ...answer, body: end - start < SMALL_BYTES ? blobs.readWhole(pieces) : blobs.read(pieces) };
};
