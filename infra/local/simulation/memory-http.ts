import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { MemoryRequest, MemoryResponse } from './transport.ts';

/**
 * What stands for `node:http` and `node:https` in a bundle: enough of a client for the SDK's request handler and for
 * anyone who calls `request` as Node documents it. There are no sockets; a server cannot be made.
 */

export type SendInMemory = (request: MemoryRequest, reply: (answer: MemoryResponse | Error) => void) => void;

export interface SocketTimers {
  setTimeout(task: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly hostname?: string;
  readonly port?: number | string;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Stands for a connected socket: only its idle time-out has an effect. */
class MemorySocket extends EventEmitter {
  readonly connecting = false;
  readonly #timers: SocketTimers;
  #handle: unknown;

  constructor(timers: SocketTimers) {
    super();
    this.#timers = timers;
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    if (this.#handle !== undefined) this.#timers.clearTimeout(this.#handle);
    this.#handle = undefined;
    if (onTimeout) this.on('timeout', onTimeout);
    if (ms > 0) this.#handle = this.#timers.setTimeout(() => this.emit('timeout'), ms);
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  destroy(): this {
    return this.setTimeout(0);
  }
}

/** The answer: a stream with the head that Node's `IncomingMessage` has. */
class MemoryIncoming extends Readable {
  readonly statusCode: number;
  readonly statusMessage = '';
  readonly httpVersion = '1.1';
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly complete = true;
  readonly socket: MemorySocket;

  constructor({ status, headers, body }: MemoryResponse, socket: MemorySocket) {
    super({ read: () => {} });
    this.statusCode = status;
    this.headers = headers;
    this.rawHeaders = Object.entries(headers).flat();
    this.socket = socket;
    if (body.length > 0) this.push(body);
    this.push(null);
  }
}

/** A request on its way: what is written is sent whole when it ends. */
class MemoryClientRequest extends Writable {
  readonly socket: MemorySocket;
  readonly #chunks: Buffer[] = [];
  readonly #head: Omit<MemoryRequest, 'body'>;
  readonly #send: SendInMemory;

  constructor(head: Omit<MemoryRequest, 'body'>, send: SendInMemory, timers: SocketTimers) {
    super({ autoDestroy: false });
    this.#head = head;
    this.#send = send;
    this.socket = new MemorySocket(timers);
    if (head.headers.expect === '100-continue') process.nextTick(() => this.emit('continue'));
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#send({ ...this.#head, body }, (answer) => this.#receive(answer));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    // Node tells of a request that is destroyed before its answer as of a connection that was reset.
    done(error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.socket.setTimeout(ms, () => {
      this.emit('timeout');
      onTimeout?.();
    });
    return this;
  }

  abort(): void {
    this.destroy();
  }

  #receive(answer: MemoryResponse | Error): void {
    if (this.destroyed) return;
    if (answer instanceof Error) return void this.destroy(answer);
    this.socket.destroy();
    const incoming = new MemoryIncoming(answer, this.socket);
    if (!this.emit('response', incoming)) incoming.resume();
    incoming.once('end', () => this.emit('close'));
  }
}

class MemoryAgent {
  readonly options: object;
  readonly keepAlive: boolean;
  readonly maxSockets = Number.POSITIVE_INFINITY;
  readonly sockets = {};
  readonly requests = {};

  constructor(options: { readonly keepAlive?: boolean } = {}) {
    this.options = options;
    this.keepAlive = options.keepAlive ?? false;
  }

  destroy(): void {}
}

const lowerHeaders = (headers: Readonly<Record<string, unknown>>, host: string): Record<string, string> => {
  const lower: Record<string, string> = { host };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lower[name.toLowerCase()] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return lower;
};

const fromUrl = ({ pathname, search, hostname, port }: URL): RequestOptions => ({
  path: `${pathname}${search}`,
  hostname,
  port,
});

/** @throws Error for any host but the cloud's: a function in a simulation has no network. */
const headOf = (options: RequestOptions, cloudHost: string): Omit<MemoryRequest, 'body'> => {
  const { method = 'GET', path = '/', port, headers = {} } = options;
  const host = `${options.hostname ?? options.host ?? 'localhost'}${port === undefined || port === '' ? '' : `:${port}`}`;
  if (host !== cloudHost) throw new Error(`connect ENETUNREACH ${host}: a simulation reaches nothing but ${cloudHost}`);
  return { method, target: path, headers: lowerHeaders(headers, host) };
};

/** The module that a bundle is given for `node:http` and `node:https`. */
export const createMemoryHttp = (cloudHost: string, send: SendInMemory, timers: SocketTimers): object => {
  type Listener = (incoming: MemoryIncoming) => void;
  const request = (
    first: string | URL | RequestOptions,
    second?: RequestOptions | Listener,
    third?: Listener,
  ): MemoryClientRequest => {
    const given = typeof second === 'function' ? {} : (second ?? {});
    const base = typeof first === 'string' || first instanceof URL ? fromUrl(new URL(first)) : first;
    const outgoing = new MemoryClientRequest(headOf({ ...base, ...given }, cloudHost), send, timers);
    const listener = typeof second === 'function' ? second : third;
    if (listener) outgoing.once('response', listener);
    return outgoing;
  };
  const get: typeof request = (...given) => request(...given).end();
  return { request, get, Agent: MemoryAgent, globalAgent: new MemoryAgent(), METHODS: [], STATUS_CODES: {} };
};
