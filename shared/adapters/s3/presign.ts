import { createHash, createHmac } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import { SECOND_MS } from '../../kernel/time.ts';

/**
 * URLs that let their holder make one call of S3 for a while, signed with Signature Version 4 in the query.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Whoever holds a URL is as good as us: none lives longer. */
const MAX_VALID_SECONDS = 900;

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface PresignInput {
  readonly method: 'GET' | 'PUT';
  /** `https://bucket.s3.eu-central-1.amazonaws.com` or `http://127.0.0.1:4566`. */
  readonly origin: string;
  /** Percent-encoded as it will be sent. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly region: string;
  readonly credentials: SigningCredentials;
  readonly atMs: number;
  readonly validSeconds: number;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986: everything but unreserved characters. */
const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const escapeKey = (key: string): string => key.split('/').map(escapeUri).join('/');

/** `20130524T000000Z`. */
const basicTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const canonicalQuery = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => [escapeUri(name), escapeUri(value)] as const)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** The URL; only its host is signed of the headers, and of the body nothing. */
export const presignUrl = (input: PresignInput): string => {
  const { credentials, origin, path, region } = input;
  const time = basicTime(input.atMs);
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = canonicalQuery({
    ...input.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(input.validSeconds),
    'X-Amz-SignedHeaders': 'host',
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
  });
  const host = origin.replace(/^https?:\/\//, '');
  const canonical = [input.method, path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = [ALGORITHM, time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  return `${origin}${path}?${query}&X-Amz-Signature=${hmac(key, text).toString('hex')}`;
};

interface ResolvedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

/** Where the client would send a call about an object of the bucket: the path ends where the key begins. */
const resolveBucket = async (client: S3Client, Bucket: string): Promise<{ origin: string; path: string }> => {
  const probe = new GetObjectCommand({ Bucket, Key: 'k' });
  const unsent: ResolvedRequest[] = [];
  probe.middlewareStack.add(
    () => async (given) => {
      unsent.push(given.request as ResolvedRequest); // the call ends here
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'high' },
  );
  await client.send(probe);
  const [found] = unsent;
  assert(found !== undefined, 'the S3 client resolves an address before it sends');
  assert(found.path.endsWith('/k'), 'the address of an object ends in its key');
  const { protocol, hostname, port, path } = found;
  return { origin: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`, path: path.slice(0, -1) };
};

export interface PresignObject {
  readonly method: PresignInput['method'];
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** At most 900. */
  readonly validSeconds: number;
}

/**
 * Signs URLs for one bucket's objects with the client's own credentials, region and endpoint (host style or path
 * style), which are asked for again by each call: they change while a function lives.
 */
export const createPresigner = (options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly nowMs: () => number;
}): ((objects: readonly PresignObject[]) => Promise<readonly string[]>) => {
  const { client, bucket, nowMs } = options;
  let resolving: ReturnType<typeof resolveBucket> | undefined;
  return async (objects) => {
    resolving ??= resolveBucket(client, bucket).catch((error) => {
      resolving = undefined;
      throw error;
    });
    const [address, credentials, region] = await Promise.all([
      resolving,
      client.config.credentials(),
      client.config.region(),
    ]);
    // A started second is given, lest the URL be signed for a time to come.
    const atMs = Math.floor(nowMs() / SECOND_MS) * SECOND_MS;
    return objects.map(({ key, validSeconds, ...object }) => {
      assert(
        Number.isInteger(validSeconds) && validSeconds >= 1 && validSeconds <= MAX_VALID_SECONDS,
        `a URL is valid for 1 to ${MAX_VALID_SECONDS} seconds, not ${validSeconds}`,
      );
      const path = `${address.path}${escapeKey(key)}`;
      return presignUrl({ ...object, origin: address.origin, path, region, credentials, atMs, validSeconds });
    });
  };
};
