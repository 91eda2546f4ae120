import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WireRequest } from '../contracts.ts';
import type { BlobStore, IncomingBlob } from './blob-store.ts';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  createChecksum,
  DEFAULT_ALGORITHM,
} from './checksums.ts';
import { createChunkedDecoder } from './chunked-body.ts';
import { s3Error } from './errors.ts';

/** A body that arrived whole and matched everything its sender said of it; its bytes wait to be kept. */
export interface ReceivedBody {
  readonly incoming: IncomingBlob;
  /** SHA-256 in hex, the blob's name. */
  readonly blob: string;
  readonly size: number;
  readonly md5: Buffer;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

const MAX_SINGLE_PUT_BYTES = 5 * 1024 ** 3;
const MD5_BYTES = 16;

type Headers = Readonly<Record<string, string>>;

const algorithmNamed = (name: string): ChecksumAlgorithm => {
  const algorithm = CHECKSUM_ALGORITHMS.find((candidate) => candidate === name.toUpperCase());
  if (algorithm !== undefined) return algorithm;
  throw s3Error(
    'InvalidRequest',
    {},
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(', ')}]`,
  );
};

/** The algorithm of a request's checksum: from the checksum's header or trailer, or by name. */
export const requestedAlgorithm = (headers: Headers): ChecksumAlgorithm | undefined => {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (given.length > 1) {
    throw s3Error(
      'InvalidRequest',
      {},
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const trailer = headers['x-amz-trailer']?.toLowerCase();
  const named = headers['x-amz-sdk-checksum-algorithm'] ?? headers['x-amz-checksum-algorithm'];
  return (
    given[0] ??
    CHECKSUM_ALGORITHMS.find((algorithm) => checksumHeader(algorithm) === trailer) ??
    (named === undefined ? undefined : algorithmNamed(named))
  );
};

const expectedMd5 = (headers: Headers): Buffer | undefined => {
  const given = headers['content-md5'];
  if (given === undefined) return undefined;
  const md5 = Buffer.from(given, 'base64');
  if (md5.length !== MD5_BYTES) throw s3Error('InvalidDigest', { 'Content-MD5': given });
  return md5;
};

const isChunked = (headers: Headers): boolean => headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;

/** Content encodings without `aws-chunked`, which is the transfer's and not the object's. */
export const storedEncoding = (headers: Headers): string | undefined => {
  const kept = (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  return kept.length === 0 ? undefined : kept.join(',');
};

const requireLength = (headers: Headers, size: number): void => {
  const declared = isChunked(headers) ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (declared !== undefined && Number(declared) !== size) throw s3Error('IncompleteBody');
};

const requireSha256 = (headers: Headers, sha256: string): void => {
  const declared = headers['x-amz-content-sha256'];
  if (declared !== undefined && /^[0-9a-f]{64}$/.test(declared) && declared !== sha256) {
    throw s3Error('XAmzContentSHA256Mismatch', {
      ClientComputedContentSHA256: declared,
      S3ComputedContentSHA256: sha256,
    });
  }
};

const requireChecksum = (algorithm: ChecksumAlgorithm, computed: string, given: string | undefined): void => {
  if (given === undefined || given === computed) return;
  const header = checksumHeader(algorithm);
  if (Buffer.from(given, 'base64').length !== Buffer.from(computed, 'base64').length) {
    throw s3Error('InvalidRequest', {}, `Value for ${header} header is invalid.`);
  }
  throw s3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`);
};

interface Digests {
  readonly size: number;
  readonly md5: Buffer;
  readonly sha256: string;
  readonly checksum: string;
  readonly trailers: Headers;
}

/** Hands the content on and hashes it on the way. */
const writeContent = async (
  { headers, body }: Pick<WireRequest, 'headers' | 'body'>,
  incoming: IncomingBlob,
  algorithm: ChecksumAlgorithm,
): Promise<Digests> => {
  const decoder = isChunked(headers) ? createChunkedDecoder() : undefined;
  const checksum = createChecksum(algorithm);
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    for (const content of decoder ? decoder.decode(piece) : [piece]) {
      md5.update(content);
      sha256.update(content);
      checksum.update(content);
      size += content.length;
      incoming.append(content);
    }
  }
  const trailers = decoder?.finish() ?? {};
  return { size, md5: md5.digest(), sha256: sha256.digest('hex'), checksum: checksum.digest(), trailers };
};

const requireMd5 = (headers: Headers, md5: Buffer): void => {
  const expected = expectedMd5(headers);
  if (expected && !expected.equals(md5)) throw s3Error('BadDigest');
};

const requireAllowedSize = (headers: Headers): void => {
  const declared = Math.max(
    Number(headers['content-length'] ?? 0),
    Number(headers['x-amz-decoded-content-length'] ?? 0),
  );
  if (declared > MAX_SINGLE_PUT_BYTES) {
    throw s3Error('EntityTooLarge', { ProposedSize: declared, MaxSizeAllowed: MAX_SINGLE_PUT_BYTES });
  }
};

/**
 * Streams a body into the store while hashing it, by the algorithm that its headers name or else by `fallback`.
 * @throws AwsError when it is not what its headers say
 */
export const receiveBody = async (
  request: Pick<WireRequest, 'headers' | 'body'>,
  blobs: BlobStore,
  fallback: ChecksumAlgorithm = DEFAULT_ALGORITHM,
): Promise<ReceivedBody> => {
  const { headers } = request;
  expectedMd5(headers);
  const algorithm = requestedAlgorithm(headers) ?? fallback;
  requireAllowedSize(headers);
  const incoming = blobs.receive();
  try {
    const { size, md5, sha256, checksum, trailers } = await writeContent(request, incoming, algorithm);
    requireLength(headers, size);
    requireMd5(headers, md5);
    requireSha256(headers, sha256);
    const name = checksumHeader(algorithm);
    requireChecksum(algorithm, checksum, headers[name] ?? trailers[name]);
    return { incoming, blob: sha256, size, md5, checksum: { algorithm, value: checksum } };
  } catch (error) {
    incoming.discard();
    throw error;
  }
};
