import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import type { MemoryRequest, MemoryResponse } from './transport.ts';

/** What an SDK v3 client asks its handler to send. */
interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly port?: number;
  readonly body?: unknown;
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** A `requestHandler` for any SDK v3 client, over the simulation's transport. */
export interface MemoryRequestHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: unknown): Promise<{ readonly response: HttpResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): object;
}

const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const queryText = (query: HttpRequest['query']): string =>
  Object.entries(query ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      if (value === null) return [escapeUri(name)];
      return [value].flat().map((one) => `${escapeUri(name)}=${escapeUri(String(one))}`);
    })
    .join('&');

const wholeBody = async (body: unknown): Promise<Buffer> => {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

export const createMemoryRequestHandler = (
  send: (request: MemoryRequest) => Promise<MemoryResponse>,
): MemoryRequestHandler => ({
  metadata: { handlerProtocol: 'http/1.1' },
  handle: async (given) => {
    const request = given as HttpRequest;
    const query = queryText(request.query);
    const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
    const {
      status,
      headers: answered,
      body,
    } = await send({
      method: request.method,
      target: query === '' ? request.path : `${request.path}?${query}`,
      headers: Object.fromEntries(headers),
      body: await wholeBody(request.body),
    });
    return {
      response: { statusCode: status, headers: answered, body: Readable.from(body.length === 0 ? [] : [body]) },
    };
  },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
});
