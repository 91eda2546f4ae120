import { Buffer } from 'node:buffer';
import type { WireRequest, WireResponse } from '../contracts.ts';
import type { S3Context, S3Request } from './bucket-access.ts';
import { notImplemented, s3Error } from './errors.ts';
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts';
import * as settings from './operations/bucket-settings.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { createMultipartUpload } from './operations/create-multipart-upload.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getObject } from './operations/get-object.ts';
import { getObjectAttributes } from './operations/get-object-attributes.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjectVersions } from './operations/list-object-versions.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart, uploadPartCopy } from './operations/upload-part.ts';

type Operation = (context: S3Context, request: S3Request) => WireResponse | Promise<WireResponse>;

/** What a query may hold besides the word that names the operation. */
const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys'];
const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const READING = ['versionId', 'partNumber', ...OVERRIDES.map((name) => `response-${name}`)];

interface Route {
  readonly operation: Operation;
  /** Query parameters that the operation understands; any other is refused by name. */
  readonly query: readonly string[];
}

const route = (operation: Operation, query: readonly string[] = []): Route => ({ operation, query });

/** By level, method and the query's naming word, if there is one. */
const ROUTES: Readonly<Record<string, Route>> = {
  'service GET': route(listBuckets, ['prefix', 'continuation-token', 'max-buckets']),
  'bucket PUT': route(createBucket),
  'bucket HEAD': route(headBucket),
  'bucket DELETE': route(deleteBucket),
  'bucket GET': route(listObjects, [...LISTING, 'marker']),
  'bucket GET list-type': route(listObjectsV2, [...LISTING, 'continuation-token', 'start-after', 'fetch-owner']),
  'bucket GET versions': route(listObjectVersions, [...LISTING, 'key-marker', 'version-id-marker']),
  'bucket GET uploads': route(listMultipartUploads, [...LISTING, 'key-marker', 'upload-id-marker', 'max-uploads']),
  'bucket GET location': route(getBucketLocation),
  'bucket GET versioning': route(settings.getBucketVersioning),
  'bucket PUT versioning': route(settings.putBucketVersioning),
  'bucket GET notification': route(settings.getBucketNotification),
  'bucket PUT notification': route(settings.putBucketNotification),
  'bucket GET policy': route(settings.getBucketPolicy),
  'bucket PUT policy': route(settings.putBucketPolicy),
  'bucket DELETE policy': route(settings.deleteBucketPolicy),
  'bucket GET encryption': route(settings.getBucketEncryption),
  'bucket GET tagging': route(settings.getBucketTagging),
  'bucket PUT tagging': route(settings.putBucketTagging),
  'bucket DELETE tagging': route(settings.deleteBucketTagging),
  'bucket GET publicAccessBlock': route(settings.getPublicAccessBlock),
  'bucket POST delete': route(deleteObjects),
  'object GET': route(getObject, READING),
  'object HEAD': route(getObject, READING),
  'object PUT': route(putObject),
  'object PUT x-amz-copy-source': route(copyObject),
  'object DELETE': route(deleteObject, ['versionId']),
  'object GET attributes': route(getObjectAttributes, ['versionId']),
  'object GET tagging': route(getObjectTagging, ['versionId']),
  'object PUT tagging': route(putObjectTagging, ['versionId']),
  'object DELETE tagging': route(deleteObjectTagging, ['versionId']),
  'object POST uploads': route(createMultipartUpload),
  'object PUT uploadId': route(uploadPart, ['partNumber']),
  'object PUT uploadId x-amz-copy-source': route(uploadPartCopy, ['partNumber']),
  'object POST uploadId': route(completeMultipartUpload),
  'object GET uploadId': route(listParts, ['max-parts', 'part-number-marker']),
  'object DELETE uploadId': route(abortMultipartUpload),
};

/** Words that name an operation when they stand in a query. */
const NAMING = [...new Set(Object.keys(ROUTES).flatMap((key) => key.split(' ').slice(2, 3)))].filter(
  (word) => word !== 'x-amz-copy-source',
);

/** Of the signature and of the SDK itself. */
const IGNORED_QUERY = /^(X-Amz-.*|x-id)$/i;

/** Headers whose meaning is known; another `x-amz-` header asks for something that is not here. */
const KNOWN_HEADERS = new Set([
  // There are no locks to bypass.
  'x-amz-bypass-governance-retention',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-copy-source-range',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-metadata-directive',
  // Asks for names of attributes that listings would otherwise leave out; none are left out here.
  'x-amz-optional-object-attributes',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-source-expected-bucket-owner',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-tagging-directive',
  'x-amz-trailer',
  'x-amz-user-agent',
  'x-amz-max-parts',
  'x-amz-object-attributes',
  'x-amz-part-number-marker',
]);
const KNOWN_HEADER_FAMILIES = /^x-amz-(meta-|checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$)/;
/** The only lists that a bucket without ACLs accepts; they grant what its owner has anyway. */
const HARMLESS_ACLS = ['private', 'bucket-owner-full-control'];

const MAX_KEY_BYTES = 1024;
const HOST_STYLE = /^(?<bucket>.+?)(?:\.s3(?:[.-][a-z0-9-]+)?)?\.localhost(?::\d+)?$/;

const decodeKey = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw s3Error('InvalidArgument', {}, `could not decode the path: ${encoded}`);
  }
};

/** Bucket and key, from the host (`<bucket>.localhost`) or from the path. */
const addressOf = ({ url, headers }: WireRequest): { readonly bucket: string; readonly key: string } => {
  const path = url.pathname.slice(1);
  const hosted = HOST_STYLE.exec(headers.host ?? '')?.groups?.bucket;
  if (hosted !== undefined && hosted !== 's3') return { bucket: hosted, key: decodeKey(path) };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: decodeKey(path), key: '' };
  return { bucket: decodeKey(path.slice(0, slash)), key: decodeKey(path.slice(slash + 1)) };
};

const refuseUnknownHeaders = (headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || KNOWN_HEADERS.has(name) || KNOWN_HEADER_FAMILIES.test(name)) continue;
    if (name === 'x-amz-acl' && HARMLESS_ACLS.includes(value)) continue;
    throw notImplemented(name);
  }
};

const levelOf = (bucket: string, key: string): string => {
  if (bucket === '') return 'service';
  return key === '' ? 'bucket' : 'object';
};

const routeOf = ({ method, bucket, key, query, headers }: S3Request): Route => {
  const words = NAMING.filter((word) => query.has(word));
  const copies = key !== '' && method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
  const name = [levelOf(bucket, key), method, ...words, ...(copies ? ['x-amz-copy-source'] : [])].join(' ');
  const found = ROUTES[name];
  const unknown = [...query.keys()].find(
    (parameter) => !words.includes(parameter) && !IGNORED_QUERY.test(parameter) && !found?.query.includes(parameter),
  );
  if (unknown !== undefined) throw notImplemented(`query parameter ${unknown} of ${name}`);
  if (found === undefined)
    throw s3Error('MethodNotAllowed', { Method: method, ResourceType: levelOf(bucket, key).toUpperCase() });
  return found;
};

/** Finds and runs the operation of a request. @throws AwsError */
export const dispatch = (context: S3Context, wire: WireRequest): WireResponse | Promise<WireResponse> => {
  const { bucket, key } = addressOf(wire);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw s3Error('KeyTooLongError', { Size: Buffer.byteLength(key), MaxSizeAllowed: MAX_KEY_BYTES });
  }
  const request: S3Request = {
    method: wire.method,
    bucket,
    key,
    query: wire.url.searchParams,
    headers: wire.headers,
    wire,
  };
  const { operation } = routeOf(request);
  refuseUnknownHeaders(wire.headers);
  return operation(context, request);
};
