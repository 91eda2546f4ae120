import { Buffer } from 'node:buffer';
import { type LookupAddress, lookup } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';

/** Posts to URLs that callers give us, without letting them reach what only we can reach. */
export interface GuardedPost {
  /** Hosts that are connected to whatever their address, and without TLS if the URL says so. */
  readonly allowedHosts: readonly string[];
  readonly post: (message: PostedMessage) => Promise<PostResult>;
}

export interface PostedMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer, no answer, or a refusal of ours to ask. A redirect is an answer: it is not followed. */
export type PostResult =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

interface Options {
  /** Whether an address that a host's name stands for may be connected to. */
  readonly mayConnect: (address: string) => boolean;
  /** Hosts that are connected to whatever their address, and without TLS if the URL says so. */
  readonly allowedHosts: readonly string[];
  /** From the look-up of the name to the end of the answer. @default 10 seconds */
  readonly timeoutMs?: number;
  /** @default the system's resolver */
  readonly resolve?: Resolve;
}

type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

const TIMEOUT_MS = 10_000;
/** What is read of an answer. */
const READ_BYTES = 16 * 1_024;

const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

const readSome = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= READ_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8');
};

/** The connection goes to the very addresses that were looked at: a name that changes meanwhile changes nothing. */
const send = (
  url: URL,
  { headers, body }: PostedMessage,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<PostResult> =>
  new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const [first] = addresses;
    const outgoing: ClientRequest = request(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        signal,
        lookup: (_host, options, done) => {
          if (options.all) done(null, [...addresses]);
          else done(null, first?.address ?? '', first?.family);
        },
      },
      (response) => {
        readSome(response).then(
          (text) => resolve({ kind: 'answered', status: response.statusCode ?? 0, body: text }),
          reject,
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const reasonOf = (error: unknown, signal: AbortSignal, timeoutMs: number): string => {
  if (signal.aborted) return `no answer within ${timeoutMs} ms`;
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code ?? message ?? 'unknown error';
};

export const createGuardedPost = (options: Options): GuardedPost => {
  const { mayConnect, allowedHosts, timeoutMs = TIMEOUT_MS, resolve = resolveBySystem } = options;
  return {
    allowedHosts,
    post: async (message) => {
      const url = URL.parse(message.url);
      if (url === null) return { kind: 'refused', reason: 'the URL is not one' };
      const allowed = allowedHosts.includes(url.hostname);
      if (url.protocol !== 'https:' && !(allowed && url.protocol === 'http:')) {
        return { kind: 'refused', reason: `the scheme must be https, got ${url.protocol.slice(0, -1)}` };
      }
      const signal = AbortSignal.timeout(timeoutMs);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const family = isIP(host);
      try {
        const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
        if (addresses.length === 0) return { kind: 'unreachable', reason: 'the host has no address' };
        if (!allowed && !addresses.every(({ address }) => mayConnect(address))) {
          return { kind: 'refused', reason: `host ${host} is not at a public address` };
        }
        return await send(url, message, addresses, signal);
      } catch (error) {
        return { kind: 'unreachable', reason: reasonOf(error, signal, timeoutMs) };
      }
    },
  };
};
