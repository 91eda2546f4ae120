import { Buffer } from 'node:buffer';
import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { checksumElement } from '../checksums.ts';
import { countOf } from '../count-parameter.ts';
import { invalidArgument } from '../errors.ts';
import { quoted } from '../object-headers.ts';
import type { VersionRecord } from '../records.ts';
import { group, leaf, xmlDocument } from '../xml.ts';

const MAX_KEYS = 1_000;
/** Sorts behind every key that continues a common prefix. */
export const BEHIND_PREFIX = '\u{10FFFF}';
const DELIMITED_BATCH = 64;

export interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Writes keys as the request wants them. */
  readonly encode: (text: string) => string;
  readonly encodingType: string | undefined;
}

/** S3's URL encoding leaves slashes alone and writes spaces as plus signs. */
const urlEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');

export const listingOf = ({ query }: S3Request): Listing => {
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: countOf(query, { name: 'max-keys', fallback: MAX_KEYS, max: MAX_KEYS }),
    encode: encodingType === 'url' ? urlEncode : (text) => text,
    encodingType,
  };
};

/** The part of a key up to the delimiter, by which keys are rolled up; undefined when it stands alone. */
const commonPrefixOf = (key: string, { prefix, delimiter }: Listing): string | undefined => {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
};

interface Page {
  readonly objects: readonly VersionRecord[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix told of; undefined when nothing is left. */
  readonly last: string | undefined;
}

/** The rows before the first that a common prefix stands for, and that prefix. */
export const takeUntilPrefix = (
  rows: readonly VersionRecord[],
  listing: Listing,
): { readonly plain: readonly VersionRecord[]; readonly common: string | undefined } => {
  const end = rows.findIndex(({ key }) => commonPrefixOf(key, listing) !== undefined);
  if (end < 0) return { plain: rows, common: undefined };
  return { plain: rows.slice(0, end), common: commonPrefixOf(rows[end]?.key ?? '', listing) };
};

/** Rows to read at once: with a delimiter most would be leapt over. */
export const batchSize = (room: number, { delimiter }: Listing): number =>
  Math.min(room + 1, delimiter === '' ? MAX_KEYS + 1 : DELIMITED_BATCH);

/** Walks the keys behind `after`, leaping over those that a common prefix stands for. */
const walk = ({ store }: S3Context, bucket: string, listing: Listing, after: string): Page => {
  const objects: VersionRecord[] = [];
  const prefixes: string[] = [];
  // A page may end with a common prefix: then all that it stands for has been told of.
  let afterKey = after !== '' && commonPrefixOf(after, listing) === after ? after + BEHIND_PREFIX : after;
  let last = '';
  for (;;) {
    const room = listing.maxKeys - objects.length - prefixes.length;
    const found = store.listObjects(bucket, { prefix: listing.prefix, afterKey, limit: batchSize(room, listing) });
    if (found.length === 0) return { objects, prefixes, last: undefined };
    if (room === 0) return { objects, prefixes, last };
    const { plain, common } = takeUntilPrefix(found.slice(0, room), listing);
    objects.push(...plain);
    if (common !== undefined) prefixes.push(common);
    last = common ?? plain.at(-1)?.key ?? last;
    afterKey = common === undefined ? last : common + BEHIND_PREFIX;
  }
};

const objectElement = ({ key, object }: VersionRecord, listing: Listing, owner: string): string => {
  if (object === undefined) return '';
  return group(
    'Contents',
    leaf('Key', listing.encode(key)),
    leaf('LastModified', new Date(object.modifiedAtMs).toISOString()),
    leaf('ETag', quoted(object.etag)),
    leaf('ChecksumAlgorithm', checksumElement(object.checksum.algorithm).slice('Checksum'.length)),
    leaf('ChecksumType', object.checksum.type),
    leaf('Size', object.size),
    owner,
    leaf('StorageClass', object.storageClass),
  );
};

export const ownerElement = (accountId: string): string =>
  group('Owner', leaf('ID', accountId), leaf('DisplayName', 'local'));

const encodeToken = (key: string): string => Buffer.from(key).toString('base64url');

const decodeToken = (token: string | null): string => {
  if (token === null || token === '') return '';
  const key = Buffer.from(token, 'base64url').toString();
  if (encodeToken(key) !== token) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return key;
};

const answer = (body: string): WireResponse => ({ status: 200, headers: { 'content-type': 'application/xml' }, body });

export const listObjectsV2 = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const { query } = request;
  const listing = listingOf(request);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const page =
    listing.maxKeys === 0
      ? { objects: [], prefixes: [], last: undefined }
      : walk(context, request.bucket, listing, token === null ? (startAfter ?? '') : decodeToken(token));
  const owner = query.get('fetch-owner') === 'true' ? ownerElement(context.identity.accountId) : '';
  return answer(
    xmlDocument(
      'ListBucketResult',
      leaf('Name', request.bucket),
      leaf('Prefix', listing.encode(listing.prefix)),
      leaf('Delimiter', listing.delimiter === '' ? undefined : listing.encode(listing.delimiter)),
      leaf('MaxKeys', listing.maxKeys),
      leaf('EncodingType', listing.encodingType),
      leaf('KeyCount', page.objects.length + page.prefixes.length),
      leaf('IsTruncated', page.last !== undefined),
      leaf('ContinuationToken', token ?? undefined),
      leaf('NextContinuationToken', page.last === undefined ? undefined : encodeToken(page.last)),
      leaf('StartAfter', startAfter === null ? undefined : listing.encode(startAfter)),
      ...page.objects.map((version) => objectElement(version, listing, owner)),
      ...page.prefixes.map((prefix) => group('CommonPrefixes', leaf('Prefix', listing.encode(prefix)))),
    ),
  );
};

export const listObjects = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const listing = listingOf(request);
  const marker = request.query.get('marker') ?? '';
  const page =
    listing.maxKeys === 0
      ? { objects: [], prefixes: [], last: undefined }
      : walk(context, request.bucket, listing, marker);
  const owner = ownerElement(context.identity.accountId);
  return answer(
    xmlDocument(
      'ListBucketResult',
      leaf('Name', request.bucket),
      leaf('Prefix', listing.encode(listing.prefix)),
      leaf('Marker', listing.encode(marker)),
      leaf('MaxKeys', listing.maxKeys),
      leaf('Delimiter', listing.delimiter === '' ? undefined : listing.encode(listing.delimiter)),
      leaf('EncodingType', listing.encodingType),
      leaf('IsTruncated', page.last !== undefined),
      leaf('NextMarker', page.last === undefined || listing.delimiter === '' ? undefined : listing.encode(page.last)),
      ...page.objects.map((version) => objectElement(version, listing, owner)),
      ...page.prefixes.map((prefix) => group('CommonPrefixes', leaf('Prefix', listing.encode(prefix)))),
    ),
  );
};
