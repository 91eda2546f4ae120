import { Buffer } from 'node:buffer';
import type { OperationSupport, WireRequest, WireResponse } from '../contracts.ts';
import { requireAccess } from './access.ts';
import type { S3Context, S3Request } from './bucket-access.ts';
import { notImplemented, s3Error } from './errors.ts';
import { S3_ROUTES, type S3Route } from './routes.ts';

/** Words that name an operation when they stand in a query. */
const NAMING = [...new Set(Object.keys(S3_ROUTES).flatMap((key) => key.split(' ').slice(2, 3)))].filter(
  (word) => word !== 'x-amz-copy-source',
);

/** Of the signature and of the SDK itself. */
const IGNORED_QUERY = /^(X-Amz-.*|x-id)$/i;

/** Of the transfer and of the signature. */
const COMMON_HEADERS = new Set([
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-security-token',
  'x-amz-trailer',
  'x-amz-user-agent',
]);
const METADATA = 'x-amz-meta-';
/** The only lists that a bucket without ACLs accepts; they grant what its owner has anyway. */
const HARMLESS_ACLS = ['private', 'bucket-owner-full-control'];

const MAX_KEY_BYTES = 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const MAX_PRESIGNED_SECONDS = 604_800;
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

const refuseUnknownHeaders = ({ headers: known = [] }: S3Route, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || COMMON_HEADERS.has(name)) continue;
    if (name === 'x-amz-acl' && !HARMLESS_ACLS.includes(value)) throw notImplemented(`${name} ${value}`);
    if (known.includes(name.startsWith(METADATA) ? METADATA : name)) continue;
    throw notImplemented(name);
  }
};

const levelOf = (bucket: string, key: string): string => {
  if (bucket === '') return 'service';
  return key === '' ? 'bucket' : 'object';
};

const routeOf = ({ method, bucket, key, query, headers }: Omit<S3Request, 'route'>): S3Route => {
  const words = NAMING.filter((word) => query.has(word));
  const copies = key !== '' && method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
  const name = [levelOf(bucket, key), method, ...words, ...(copies ? ['x-amz-copy-source'] : [])].join(' ');
  const found = S3_ROUTES[name];
  const unknown = [...query.keys()].find(
    (parameter) => !words.includes(parameter) && !IGNORED_QUERY.test(parameter) && !found?.query?.includes(parameter),
  );
  if (unknown !== undefined) throw notImplemented(`query parameter ${unknown} of ${name}`);
  if (found === undefined)
    throw s3Error('MethodNotAllowed', { Method: method, ResourceType: levelOf(bucket, key).toUpperCase() });
  return found;
};

const requireShortLife = (query: URLSearchParams): void => {
  const seconds = Number(query.get('X-Amz-Expires') ?? '0');
  if (seconds > MAX_PRESIGNED_SECONDS) throw s3Error('AuthorizationQueryParametersError', { 'X-Amz-Expires': seconds });
};

/** What a request asks for. @throws AwsError when it asks for something that is not here */
export const readRequest = (wire: WireRequest): S3Request => {
  const { bucket, key } = addressOf(wire);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw s3Error('KeyTooLongError', { Size: Buffer.byteLength(key), MaxSizeAllowed: MAX_KEY_BYTES });
  }
  const request = { method: wire.method, bucket, key, query: wire.url.searchParams, headers: wire.headers, wire };
  const route = routeOf(request);
  requireShortLife(request.query);
  refuseUnknownHeaders(route, wire.headers);
  return { ...request, route };
};

/** Finds and runs the operation of a request. @throws AwsError */
export const dispatch = (context: S3Context, wire: WireRequest): WireResponse | Promise<WireResponse> => {
  const request = readRequest(wire);
  requireAccess(context, request);
  return request.route.operation(context, request);
};

const described = ([key, { name, query = [], headers = [], body, elements = [] }]: [
  string,
  S3Route,
]): OperationSupport => {
  const [level, , word] = key.split(' ');
  const address = [...(level === 'service' ? [] : ['Bucket']), ...(level === 'object' ? ['Key'] : [])];
  return {
    name,
    supported: [
      ...address,
      ...(word === 'uploadId' ? [word] : []),
      ...query,
      ...headers,
      ...(body === undefined ? [] : [body, ...elements.map((element) => `${body}.${element}`)]),
    ],
    ignored: [],
    required: [],
  };
};

/** What is served, with options by the names that they have on the wire. */
export const s3Operations = async (): Promise<readonly OperationSupport[]> => Object.entries(S3_ROUTES).map(described);
