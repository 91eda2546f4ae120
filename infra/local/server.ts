import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WireResponse } from './contracts.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { createHttpBody } from './http-body.ts';

export interface ServerOptions extends Omit<DispatcherOptions, 'endpoint'> {
  /** 0 or none takes any free port. */
  readonly port?: number;
}

export interface CloudServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

const GRACE_MS = 500;
/** A frozen environment cannot see that a connection of its own was closed: it is not, for as long as most are kept. */
const KEEP_ALIVE_MS = 600_000;

const flatHeaders = (message: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
};

const send = async (response: ServerResponse, reply: WireResponse): Promise<void> => {
  const { body = '', status } = reply;
  const headers: Record<string, string | number> = { ...reply.headers };
  const bodyless = status === 204 || status === 304;
  if (!(body instanceof Readable) && !bodyless) headers['content-length'] ??= Buffer.byteLength(body);
  response.writeHead(status, headers);
  if (body instanceof Readable) await pipeline(body, response);
  else response.end(body);
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  });

/** One HTTP server on the loopback interface for every service, routed by the name in the signature's scope. */
export const startServer = async (options: ServerOptions): Promise<CloudServer> => {
  let endpoint = '';
  const dispatch = createDispatcher({ ...options, endpoint: () => endpoint });
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: target = '/' } = message;
    const body = createHttpBody(message);
    await send(response, await dispatch({ method, target, headers: flatHeaders(message), body }));
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, highWaterMark: 256 * 1024 }, (message, response) => {
    options.clock
      .during('request', () => serve(message, response))
      .catch((error: unknown) => {
        response.destroy();
        if (!message.destroyed) options.onError('an answer was not sent', error);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, close: () => close(server) };
};
