import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import type { SendInMemory, SocketTimers } from './memory-http.ts';
import type { MemoryRequest, MemoryResponse } from './transport.ts';

/**
 * What stands for `node:net` and `node:tls` in a bundle: connections to the cloud that carry one request of HTTP/1.1
 * after another, for functions that start faster without Node's own client.
 */

interface ConnectOptions {
  readonly host: string;
  readonly port: number;
}

const HEAD_END = '\r\n\r\n';

interface Head {
  readonly request: Omit<MemoryRequest, 'body'>;
  readonly bodyBytes: number;
}

const readHead = (text: string): Head => {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { request: { method, target, headers }, bodyBytes: Number(headers['content-length'] ?? 0) };
};

/** Its own: the answer is whole when it leaves. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection']);

const answerBytes = ({ status, headers, body }: MemoryResponse): Buffer => {
  const given = Object.entries(headers).filter(([name]) => !FRAMING.has(name));
  const lines = given.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} \r\n${lines.join('')}content-length: ${body.length}${HEAD_END}`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
};

class MemoryConnection extends EventEmitter {
  destroyed = false;
  readonly #send: SendInMemory;
  readonly #timers: SocketTimers;
  #idle: { readonly handle: unknown } | undefined;
  #written = Buffer.alloc(0);

  constructor(send: SendInMemory, timers: SocketTimers) {
    super();
    this.#send = send;
    this.#timers = timers;
  }

  write(content: string | Uint8Array): boolean {
    if (this.destroyed) return false;
    this.#written = Buffer.concat([this.#written, Buffer.from(content)]);
    const end = this.#written.indexOf(HEAD_END);
    if (end === -1) return true;
    const { request, bodyBytes } = readHead(this.#written.toString('latin1', 0, end));
    const bodyStart = end + HEAD_END.length;
    if (this.#written.length < bodyStart + bodyBytes) return true;
    const body = this.#written.subarray(bodyStart, bodyStart + bodyBytes);
    this.#written = this.#written.subarray(bodyStart + bodyBytes);
    this.#send({ ...request, body }, (answer) => {
      if (this.destroyed) return;
      if (answer instanceof Error) this.destroy(answer);
      else this.emit('data', answerBytes(answer));
    });
    return true;
  }

  setTimeout(ms: number): this {
    if (this.#idle !== undefined) this.#timers.clearTimeout(this.#idle.handle);
    this.#idle = ms > 0 ? { handle: this.#timers.setTimeout(() => this.emit('timeout'), ms) } : undefined;
    return this;
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.setTimeout(0);
    process.nextTick(() => {
      if (error !== undefined) this.emit('error', error);
      this.emit('close', error !== undefined);
    });
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** The module that a bundle is given for `node:net` and `node:tls`. */
export const createMemoryNet = (cloudHost: string, send: SendInMemory, timers: SocketTimers): object => ({
  /** @throws Error for any host but the cloud's: a function in a simulation has no network. */
  connect: ({ host, port }: ConnectOptions): MemoryConnection => {
    if (`${host}:${port}` === cloudHost) return new MemoryConnection(send, timers);
    throw new Error(`connect ENETUNREACH ${host}:${port}: a simulation reaches nothing but ${cloudHost}`);
  },
  isIP: (text: string): number => (/^\d+(\.\d+){3}$/.test(text) ? 4 : text.includes(':') ? 6 : 0),
});
