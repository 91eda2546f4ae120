import type { WireResponse } from '../../contracts.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { invalidArgument } from '../errors.ts';
import { quoted } from '../object-headers.ts';
import type { VersionRecord } from '../records.ts';
import { sequenceOf } from '../version-id.ts';
import { group, leaf, xmlDocument } from '../xml.ts';
import { BEHIND_PREFIX, batchSize, type Listing, listingOf, ownerElement, takeUntilPrefix } from './list-objects.ts';

interface Marker {
  readonly key: string;
  readonly beforeSequence: number;
}

interface Page {
  readonly versions: readonly VersionRecord[];
  readonly prefixes: readonly string[];
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined;
}

const markerOf = ({ store }: S3Context, { bucket, query }: S3Request): Marker => {
  const key = query.get('key-marker') ?? '';
  const versionId = query.get('version-id-marker') ?? '';
  if (versionId === '') return { key, beforeSequence: 0 };
  const sequence =
    versionId === 'null' ? (store.version(bucket, key, versionId)?.sequence ?? 0) : sequenceOf(versionId);
  if (key === '' || sequence === undefined) {
    throw invalidArgument('Invalid version id specified', 'version-id-marker', versionId);
  }
  return { key, beforeSequence: sequence };
};

/** Versions from the marker on, leaping over those that a common prefix stands for. */
const walk = ({ store }: S3Context, bucket: string, listing: Listing, start: Marker): Page => {
  const versions: VersionRecord[] = [];
  const prefixes: string[] = [];
  let marker = start;
  let next: Page['next'];
  for (;;) {
    const room = listing.maxKeys - versions.length - prefixes.length;
    const found = store.listVersions(bucket, {
      prefix: listing.prefix,
      afterKey: marker.key,
      beforeSequence: marker.beforeSequence,
      limit: batchSize(room, listing),
    });
    if (found.length === 0) return { versions, prefixes, next: undefined };
    if (room === 0) return { versions, prefixes, next };
    const { plain, common } = takeUntilPrefix(found.slice(0, room), listing);
    const last = plain.at(-1);
    versions.push(...plain);
    if (common !== undefined) {
      prefixes.push(common);
      marker = { key: common + BEHIND_PREFIX, beforeSequence: 0 };
      next = { key: common, versionId: undefined };
    } else if (last) {
      marker = { key: last.key, beforeSequence: last.sequence };
      next = { key: last.key, versionId: last.versionId };
    }
  }
};

const versionElement = (version: VersionRecord, listing: Listing, owner: string): string =>
  group(
    version.object ? 'Version' : 'DeleteMarker',
    leaf('Key', listing.encode(version.key)),
    leaf('VersionId', version.versionId),
    leaf('IsLatest', version.latest),
    leaf('LastModified', new Date(version.modifiedAtMs).toISOString()),
    ...(version.object
      ? [
          leaf('ETag', quoted(version.object.etag)),
          leaf('Size', version.object.size),
          leaf('StorageClass', version.object.storageClass),
        ]
      : []),
    owner,
  );

export const listObjectVersions = (context: S3Context, request: S3Request): WireResponse => {
  requireBucket(context, request);
  const listing = listingOf(request);
  const marker = markerOf(context, request);
  const page: Page =
    listing.maxKeys === 0
      ? { versions: [], prefixes: [], next: undefined }
      : walk(context, request.bucket, listing, marker);
  const owner = ownerElement(context.identity.accountId);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument(
      'ListVersionsResult',
      leaf('Name', request.bucket),
      leaf('Prefix', listing.encode(listing.prefix)),
      leaf('KeyMarker', listing.encode(marker.key)),
      leaf('VersionIdMarker', request.query.get('version-id-marker') ?? ''),
      leaf('MaxKeys', listing.maxKeys),
      leaf('Delimiter', listing.delimiter === '' ? undefined : listing.encode(listing.delimiter)),
      leaf('EncodingType', listing.encodingType),
      leaf('IsTruncated', page.next !== undefined),
      leaf('NextKeyMarker', page.next && listing.encode(page.next.key)),
      leaf('NextVersionIdMarker', page.next?.versionId),
      ...page.versions.map((version) => versionElement(version, listing, owner)),
      ...page.prefixes.map((prefix) => group('CommonPrefixes', leaf('Prefix', listing.encode(prefix)))),
    ),
  };
};
