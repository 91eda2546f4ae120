import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../contracts.ts';
import type { Credentials } from './credentials.ts';

/** What Signature Version 4 signs of a request. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as received. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Signature {
  readonly accessKeyId: string;
  /** `20010101/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  readonly service: string;
  readonly region: string;
  readonly day: string;
  /** `20010101T000000Z`. */
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly value: string;
  readonly sessionToken: string | undefined;
  /** Set for a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const QUERY_SIGNATURE = 'X-Amz-Signature';
const MAX_CACHED_KEYS = 1_000;

const incomplete = (what: string): AwsError =>
  new AwsError('IncompleteSignatureException', `the request's signature is incomplete: ${what}`, 403);

export const splitTarget = (target: string): { readonly path: string; readonly query: string } => {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const queryPairs = (query: string): readonly (readonly [name: string, value: string])[] =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const mark = part.indexOf('=');
      return mark < 0 ? [decode(part), ''] : [decode(part.slice(0, mark)), decode(part.slice(mark + 1))];
    });

const signatureFrom = (fields: {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly value: string;
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  readonly expiresSeconds: number | undefined;
}): Signature => {
  const parts = fields.credential.split('/');
  const scopeParts = parts.slice(-4);
  const [day, region, service, terminator] = scopeParts;
  if (parts.length < 5 || !day || !region || !service || terminator !== 'aws4_request') {
    throw incomplete(
      `Credential must be <key>/<day>/<region>/<service>/aws4_request, got ${JSON.stringify(fields.credential)}`,
    );
  }
  if (fields.value === '' || fields.signedHeaders === '') throw incomplete('SignedHeaders and Signature are required');
  if (fields.timestamp === '') throw incomplete('X-Amz-Date is required');
  return {
    accessKeyId: parts.slice(0, -4).join('/'),
    scope: scopeParts.join('/'),
    service,
    region,
    day,
    timestamp: fields.timestamp,
    signedHeaders: fields.signedHeaders.split(';'),
    value: fields.value,
    sessionToken: fields.sessionToken,
    expiresSeconds: fields.expiresSeconds,
  };
};

const HEADER_FIELDS = {
  credential: /Credential=([^,\s]+)/,
  signedHeaders: /SignedHeaders=([^,\s]+)/,
  value: /Signature=([^,\s]+)/,
} as const;

const headerSignature = (authorization: string, headers: Readonly<Record<string, string>>): Signature => {
  const field = (name: keyof typeof HEADER_FIELDS): string => HEADER_FIELDS[name].exec(authorization)?.[1] ?? '';
  return signatureFrom({
    credential: field('credential'),
    signedHeaders: field('signedHeaders'),
    value: field('value'),
    timestamp: headers['x-amz-date'] ?? '',
    sessionToken: headers['x-amz-security-token'],
    expiresSeconds: undefined,
  });
};

const querySignature = (query: string): Signature => {
  const fields = new Map(queryPairs(query));
  return signatureFrom({
    credential: fields.get('X-Amz-Credential') ?? '',
    signedHeaders: fields.get('X-Amz-SignedHeaders') ?? '',
    value: fields.get(QUERY_SIGNATURE) ?? '',
    timestamp: fields.get('X-Amz-Date') ?? '',
    sessionToken: fields.get('X-Amz-Security-Token'),
    expiresSeconds: Number(fields.get('X-Amz-Expires') ?? '0'),
  });
};

/** The request's signature, from its header or its query; undefined when it carries none. @throws AwsError */
export const readSignature = (request: SignedRequest): Signature | undefined => {
  const authorization = request.headers.authorization;
  if (authorization?.startsWith(ALGORITHM)) return headerSignature(authorization, request.headers);
  const { query } = splitTarget(request.target);
  return query.includes('X-Amz-Credential=') ? querySignature(query) : undefined;
};

const canonicalPath = (path: string, service: string): string => {
  // S3 signs the path as sent, every other service normalises it and escapes it a second time.
  if (service === 's3') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(escapeUri(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const canonicalQuery = (query: string): string =>
  queryPairs(query)
    .filter(([name]) => name !== QUERY_SIGNATURE)
    .map(([name, value]) => [escapeUri(name), escapeUri(value)] as const)
    .sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

// As key objects: signing with one costs a fifth of signing with its bytes.
const signingKeys = new Map<string, KeyObject>();

const signingKey = (secret: string, { day, region, service }: Signature): KeyObject => {
  const cacheKey = `${secret}/${day}/${region}/${service}`;
  const cached = signingKeys.get(cacheKey);
  if (cached) return cached;
  const key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request'));
  if (signingKeys.size >= MAX_CACHED_KEYS) signingKeys.clear();
  signingKeys.set(cacheKey, key);
  return key;
};

/** @returns whether the signature is the one that these credentials give; `payloadHash` is what was signed of the body. */
export const signatureMatches = (
  request: SignedRequest,
  signature: Signature,
  credentials: Credentials,
  payloadHash: string,
): boolean => {
  const { path, query } = splitTarget(request.target);
  const headers = signature.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`,
  );
  const canonical = [
    request.method,
    canonicalPath(path, signature.service),
    canonicalQuery(query),
    ...headers,
    '',
    signature.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const text = [ALGORITHM, signature.timestamp, signature.scope, hash('sha256', canonical)].join('\n');
  const expected = createHmac('sha256', signingKey(credentials.secretAccessKey, signature)).update(text).digest();
  const actual = Buffer.from(signature.value, 'hex');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
};

/** Epoch milliseconds of `20010101T000000Z`; NaN when malformed. */
export const signatureTimeMs = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
