import type { IncomingMessage } from 'node:http';

const EMPTY = new Uint8Array(0);

interface Reading {
  readonly maxBytes: number;
  /** Hears of each chunk's bytes as they come. */
  hold(bytes: number): void;
  /** The whole body. */
  whole(body: Uint8Array): void;
  /** There are more than `maxBytes`. What still comes is dropped; the request's time limit ends it. */
  tooLarge(): void;
}

/** Reads a request's body. Neither is told of a caller who goes away before its end. */
export const readBody = (request: IncomingMessage, { maxBytes, hold, whole, tooLarge }: Reading): void => {
  const { method } = request;
  if (method === 'GET' || method === 'HEAD') {
    request.resume();
    whole(EMPTY);
    return;
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const take = (chunk: Buffer): void => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes <= maxBytes) {
      hold(chunk.byteLength);
      chunks.push(chunk);
      return;
    }
    request.off('data', take).off('end', end).resume();
    tooLarge();
  };
  const end = (): void => whole(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, sizeBytes));
  request.on('data', take).on('end', end);
  // Its connection is closed with it: there is nobody to answer.
  request.on('error', () => undefined);
};
