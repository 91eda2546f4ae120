import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { AwsError } from './contracts.ts';

/** A request body, as a stream or whole: a whole one is read once and kept. */
export interface HttpBody {
  stream(): Readable;
  /** @throws AwsError RequestEntityTooLargeException above the limit (default 64 MiB). */
  whole(limitBytes?: number): Promise<Buffer>;
}

const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;

const tooLarge = (limitBytes: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `the request body must be at most ${limitBytes} bytes`, 413);

/** By events: iterating a stream costs more than the rest of a small request. */
const readAll = (stream: Readable, limitBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let ended = false;
    stream.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limitBytes) chunks.push(chunk);
    });
    // Read to its end whatever its size: to leave early would close the connection on a client that is still sending,
    // and it would see a reset instead of the refusal.
    stream.on('end', () => {
      ended = true;
      if (sizeBytes > limitBytes) reject(tooLarge(limitBytes));
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, sizeBytes));
    });
    stream.on('error', reject);
    // Else the other side went away without an error of its own. An error is dear: none is made for every request.
    stream.on('close', () => {
      if (!ended) reject(new Error('the request ended before its body did'));
    });
  });

export const createHttpBody = (message: IncomingMessage): HttpBody => {
  let reading: Promise<Buffer> | undefined;
  let buffered: Buffer | undefined;
  return {
    stream: () => (buffered === undefined ? message : Readable.from([buffered])),
    whole: async (limitBytes = DEFAULT_LIMIT_BYTES) => {
      reading ??= readAll(message, limitBytes);
      buffered = await reading;
      if (buffered.length > limitBytes) throw tooLarge(limitBytes);
      return buffered;
    },
  };
};

/** A body that is in memory already. */
export const createBufferedBody = (bytes: Buffer): HttpBody => ({
  stream: () => Readable.from(bytes.length === 0 ? [] : [bytes]),
  whole: async (limitBytes = DEFAULT_LIMIT_BYTES) => {
    if (bytes.length > limitBytes) throw tooLarge(limitBytes);
    return bytes;
  },
});
