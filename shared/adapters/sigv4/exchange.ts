import { Buffer } from 'node:buffer';
import type { Agent, IncomingMessage, RequestOptions } from 'node:http';

/** One request and its answer over HTTP; connections are kept. */

export interface HttpExchange {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** The other side was silent for too long. */
export class ExchangeTimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

const MAX_SOCKETS = 50;

interface Transport {
  readonly request: (options: RequestOptions) => import('node:http').ClientRequest;
  readonly agent: Agent;
}

/** Only the one that is needed is loaded: HTTPS brings TLS along, which takes milliseconds of a cold start. */
const openTransport = async (protocol: string): Promise<Transport> => {
  const { request, Agent } = protocol === 'https:' ? await import('node:https') : await import('node:http');
  return { request, agent: new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }) };
};

/** An announced length is written to in place, so that a model's bytes are copied once, from the socket's buffers. */
const readBody = (incoming: IncomingMessage): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const announced = Number(incoming.headers['content-length'] ?? Number.NaN);
    const whole = Number.isSafeInteger(announced) ? Buffer.allocUnsafeSlow(announced) : undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      if (whole === undefined) chunks.push(chunk);
      else chunk.copy(whole, length);
      length += chunk.length;
    });
    incoming.on('end', () => resolve(whole ?? Buffer.concat(chunks, length)));
    incoming.on('error', reject);
  });

/**
 * @param idleLimitMs for how long nothing may be heard.
 * @throws ExchangeTimeoutError, or Node's error of a connection that broke.
 */
export const createExchange = (idleLimitMs: number): ((exchange: HttpExchange) => Promise<HttpAnswer>) => {
  const transports = new Map<string, Promise<Transport>>();
  return async ({ method, origin, path, headers, body }) => {
    const { protocol, hostname, port } = new URL(origin);
    let opening = transports.get(protocol);
    if (opening === undefined) {
      opening = openTransport(protocol);
      transports.set(protocol, opening);
    }
    const { request, agent } = await opening;
    return new Promise((resolve, reject) => {
      const outgoing = request({ agent, method, hostname, path, headers, ...(port === '' ? {} : { port }) });
      outgoing.setTimeout(idleLimitMs, () => {
        outgoing.destroy(new ExchangeTimeoutError(`no answer in ${idleLimitMs} ms`));
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const { statusCode: status = 0, headers: given } = incoming;
        readBody(incoming).then((bytes) => resolve({ status, headers: given, body: bytes }), reject);
      });
      outgoing.end(body);
    });
  };
};
