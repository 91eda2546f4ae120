import type { Readable } from 'node:stream';

const isAsyncIterable = (value: unknown): value is AsyncIterable<Uint8Array | string> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The chunks of a GetObject answer's Body, whichever form the transport gives it. */
export const bodyChunks = (body: unknown): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> => {
  if (body === undefined || body === null) return [];
  if (typeof body === 'string' || body instanceof Uint8Array) return [body];
  if (isAsyncIterable(body)) return body as Readable;
  throw new TypeError(`an object's body must be bytes, text or a stream, got ${typeof body}`);
};

export const bodyBytes = async (body: unknown): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(body)) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
};
