import type { WireResponse } from '../../contracts.ts';
import { requireBucket, requireObject, type S3Context, type S3Request } from '../bucket-access.ts';
import { checksumElement } from '../checksums.ts';
import { invalidArgument } from '../errors.ts';
import { versionHeaders } from '../object-headers.ts';
import type { ObjectRecord } from '../records.ts';
import { group, leaf, xmlDocument } from '../xml.ts';

const MAX_PARTS = 1_000;

const partsElement = ({ headers }: S3Request, { segments, multipart, checksum }: ObjectRecord): string => {
  if (!multipart) return '';
  const marker = Number(headers['x-amz-part-number-marker'] ?? '0');
  const maxParts = Math.min(Number(headers['x-amz-max-parts'] ?? MAX_PARTS), MAX_PARTS);
  const numbered = segments.map((segment, index) => ({ ...segment, partNumber: index + 1 }));
  const rest = numbered.filter(({ partNumber }) => partNumber > marker);
  const parts = rest.slice(0, maxParts);
  return group(
    'ObjectParts',
    leaf('PartsCount', segments.length),
    leaf('PartNumberMarker', marker),
    leaf('NextPartNumberMarker', parts.at(-1)?.partNumber ?? marker),
    leaf('MaxParts', maxParts),
    leaf('IsTruncated', rest.length > parts.length),
    ...parts.map(({ partNumber, size, checksum: value }) =>
      group(
        'Part',
        leaf('PartNumber', partNumber),
        leaf('Size', size),
        leaf(checksumElement(checksum.algorithm), value),
      ),
    ),
  );
};

const ELEMENTS: Readonly<Record<string, (request: S3Request, object: ObjectRecord) => string>> = {
  ETag: (_, { etag }) => leaf('ETag', etag),
  Checksum: (_, { checksum }) =>
    group('Checksum', leaf(checksumElement(checksum.algorithm), checksum.value), leaf('ChecksumType', checksum.type)),
  ObjectParts: partsElement,
  StorageClass: (_, { storageClass }) => leaf('StorageClass', storageClass),
  ObjectSize: (_, { size }) => leaf('ObjectSize', size),
};

export const getObjectAttributes = (context: S3Context, request: S3Request): WireResponse => {
  const bucket = requireBucket(context, request);
  const version = requireObject(context, {
    bucket: request.bucket,
    key: request.key,
    versionId: request.query.get('versionId') ?? undefined,
  });
  const asked = (request.headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !Object.hasOwn(ELEMENTS, name));
  if (unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified', 'x-amz-object-attributes', unknown);
  }
  const elements = Object.entries(ELEMENTS).filter(([name]) => asked.includes(name));
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      'last-modified': new Date(version.object.modifiedAtMs).toUTCString(),
      ...versionHeaders(bucket, version),
    },
    body: xmlDocument('GetObjectAttributesResponse', ...elements.map(([, render]) => render(request, version.object))),
  };
};
