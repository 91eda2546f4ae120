import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PageCalls } from './page-calls.ts';

/** The pages in a browser: a server on the loopback interface that signs what a browser asks the platform API for. */

export interface PageServer {
  /** Where the page of all models is. */
  readonly url: string;
  close(): Promise<void>;
}

interface Options {
  readonly calls: PageCalls;
  /** 0, or one that is taken, gives any free port. */
  readonly port: number;
  readonly onProblem: (message: string) => void;
}

/** Pages, and what they link to. Nothing else of the API is read, and nothing written. */
const READABLE = /^\/(pages|models)(\/|\?|$)/;

/** A name of another host that leads here is some other site's page, asking on behalf of the reader. */
const isLoopback = (host: string | undefined): boolean => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? '');

const tell = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
};

const answer = async ({ calls }: Options, message: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = 'GET', url: target = '/', headers } = message;
  if (!isLoopback(headers.host)) return tell(response, 403, `this server answers for 127.0.0.1, got ${headers.host}`);
  if (method !== 'GET' && method !== 'HEAD') return tell(response, 405, `pages are read by GET, got ${method}`);
  if (target === '/') {
    response.writeHead(302, { location: '/pages' });
    response.end();
    return;
  }
  if (!READABLE.test(target)) return tell(response, 404, 'the pages are at /pages');
  const { status, contentType, contentPolicy, text } = await calls.get(target);
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': contentPolicy ?? "default-src 'none'",
  });
  response.end(method === 'HEAD' ? '' : text);
};

const listen = (server: ReturnType<typeof createServer>, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

export const servePages = async (options: Options): Promise<PageServer> => {
  const server = createServer((message, response) => {
    answer(options, message, response).catch((error: unknown) => {
      options.onProblem(`a page was not answered: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else tell(response, 502, 'the embedded cloud did not answer');
    });
  });
  try {
    await listen(server, options.port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    await listen(server, 0);
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        options.calls.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
