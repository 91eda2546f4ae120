import { createHmac, hash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import {
  basicTime,
  canonicalQuery,
  credentialScope,
  escapeKey,
  SIGNING_ALGORITHM,
  type SigningCredentials,
  type SigningDigests,
  signatureOf,
  signedHeaderNames,
  signingKeyOf,
} from '../../kernel/signature-v4.ts';
import { SECOND_MS } from '../../kernel/time.ts';

/**
 * URLs that let their holder make one call of S3 for a while, signed with Signature Version 4 in the query.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */

/** Whoever holds a URL is as good as us: none lives longer. */
const MAX_VALID_SECONDS = 900;

export interface PresignInput {
  readonly method: 'GET' | 'PUT';
  /** `https://bucket.s3.eu-central-1.amazonaws.com` or `http://127.0.0.1:4566`. */
  readonly origin: string;
  /** Percent-encoded as it will be sent. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What the request must have besides its host, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly region: string;
  readonly credentials: SigningCredentials;
  readonly atMs: number;
  readonly validSeconds: number;
}

const DIGESTS: SigningDigests = {
  sha256: (content) => hash('sha256', content),
  hmac: (key, text) => createHmac('sha256', key).update(text).digest(),
  hmacHex: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};

/** The URL; its host and the given ones are signed of the headers, and of the body nothing. */
export const presignUrl = (input: PresignInput): string => {
  const { credentials, method, origin, path, region } = input;
  const time = basicTime(input.atMs);
  const scope = credentialScope(time, region, 's3');
  const headers = { ...input.headers, host: origin.replace(/^https?:\/\//, '') };
  const query = canonicalQuery({
    ...input.query,
    'X-Amz-Algorithm': SIGNING_ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(input.validSeconds),
    'X-Amz-SignedHeaders': signedHeaderNames(headers),
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
  });
  const request = { method, path, query, headers, payloadDigest: 'UNSIGNED-PAYLOAD' };
  const key = signingKeyOf(DIGESTS, credentials.secretAccessKey, scope);
  return `${origin}${path}?${query}&X-Amz-Signature=${signatureOf(DIGESTS, key, request, { time, scope })}`;
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
  readonly headers?: Readonly<Record<string, string>>;
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
