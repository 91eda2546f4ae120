/**
 * AWS Signature Version 4 as text:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 * The digests are given by the caller, for nothing is imported here.
 */

export const SIGNING_ALGORITHM = 'AWS4-HMAC-SHA256';

export interface SigningDigests {
  /** SHA-256, hex. */
  sha256(content: string | Uint8Array): string;
  /** HMAC-SHA-256. */
  hmac(key: string | Uint8Array, text: string): Uint8Array;
  /** HMAC-SHA-256, hex. */
  hmacHex(key: Uint8Array, text: string): string;
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** RFC 3986: everything but unreserved characters. */
export const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** An object's key as it stands in a path. */
export const escapeKey = (key: string): string => key.split('/').map(escapeUri).join('/');

/** `20130524T000000Z`. */
export const basicTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export const canonicalQuery = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => [escapeUri(name), escapeUri(value)] as const)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** `20130524/us-east-1/s3/aws4_request`: for what a signature holds. */
export const credentialScope = (time: string, region: string, service: string): string =>
  `${time.slice(0, 8)}/${region}/${service}/aws4_request`;

/** Of one secret in one scope, so for a day. */
export const signingKeyOf = (digests: SigningDigests, secretAccessKey: string, scope: string): Uint8Array =>
  scope.split('/').reduce<string | Uint8Array>(digests.hmac, `AWS4${secretAccessKey}`) as Uint8Array;

export interface CanonicalRequest {
  readonly method: string;
  /** Percent-encoded as it will be sent. */
  readonly path: string;
  /** As `canonicalQuery` gives it. */
  readonly query: string;
  /** Lower-case names; values without spaces at their ends. All are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hex, or one of S3's words for a body that is not signed. */
  readonly payloadDigest: string;
}

/** `host;x-amz-date`. */
export const signedHeaderNames = (headers: CanonicalRequest['headers']): string =>
  Object.keys(headers).sort(compareText).join(';');

/** The signature, hex. */
export const signatureOf = (
  digests: SigningDigests,
  key: Uint8Array,
  request: CanonicalRequest,
  signing: { readonly time: string; readonly scope: string },
): string => {
  const { method, path, query, headers, payloadDigest } = request;
  const names = signedHeaderNames(headers);
  const lines = names.split(';').map((name) => `${name}:${headers[name]}`);
  const canonical = [method, path, query, ...lines, '', names, payloadDigest].join('\n');
  return digests.hmacHex(key, [SIGNING_ALGORITHM, signing.time, signing.scope, digests.sha256(canonical)].join('\n'));
};
