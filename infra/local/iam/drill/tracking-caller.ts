import { Buffer } from 'node:buffer';
import type { ChaosSession } from '../../chaos/session.ts';

/** An answer of the tracking API or of S3. */
interface TrackingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in a body that is JSON, by the way that leads to it. */
  readonly at: (...way: readonly string[]) => unknown;
  /** @throws Error where there is no text. */
  readonly textAt: (...way: readonly string[]) => string;
}

export interface TrackingMessage {
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls of MLflow's clients in a simulation. */
export interface TrackingCaller {
  /**
   * A call below the API's address.
   * @throws Error when it is refused, unless `status` says with what.
   */
  call(method: string, path: string, message?: TrackingMessage, status?: number): Promise<TrackingAnswer>;
  /** A call of an address that the API gave. @throws Error when it is refused. */
  follow(method: string, url: string, body?: Uint8Array): Promise<TrackingAnswer>;
}

const readerOf = (body: unknown): Pick<TrackingAnswer, 'at' | 'textAt'> => {
  const at: TrackingAnswer['at'] = (...way) =>
    way.reduce<unknown>(
      (value, name) => (value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined),
      body,
    );
  return {
    at,
    textAt: (...way) => {
      const found = at(...way);
      if (typeof found === 'string') return found;
      throw new Error(`the answer has no text at ${way.join('.')}: ${JSON.stringify(body)}`);
    },
  };
};

export const createTrackingCaller = ({ cloud, urls }: ChaosSession, token: string): TrackingCaller => {
  const send = async (
    method: string,
    url: URL,
    { json, body = new Uint8Array(), headers = {} }: TrackingMessage,
    allowed: (status: number) => boolean,
  ): Promise<TrackingAnswer> => {
    const { memory } = cloud;
    if (memory === undefined) throw new Error('a drill needs a cloud that runs by a seed');
    const answer = await memory.send({
      method,
      target: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: Buffer.from(json === undefined ? body : JSON.stringify(json)),
    });
    const text = answer.body.toString('utf8');
    if (!allowed(answer.status)) throw new Error(`${method} ${url.pathname} answered ${answer.status}: ${text}`);
    const isJson = text !== '' && answer.headers['content-type'] === 'application/json';
    return { status: answer.status, headers: answer.headers, ...readerOf(isJson ? JSON.parse(text) : undefined) };
  };

  return {
    call: (method, path, message = {}, status) => {
      const url = new URL(`${urls.tracking}${path}`);
      for (const [name, value] of Object.entries(message.query ?? {})) url.searchParams.set(name, value);
      const headers = { authorization: `Bearer ${token}`, ...message.headers };
      return send(method, url, { ...message, headers }, (got) => (status === undefined ? got < 400 : got === status));
    },
    follow: (method, url, body) =>
      send(method, new URL(url), body === undefined ? {} : { body }, (status) => status < 300),
  };
};
