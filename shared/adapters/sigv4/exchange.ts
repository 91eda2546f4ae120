import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { createAnswerReader, type HttpAnswer, type ReadAnswer } from './read-answer.ts';

/** One request and its answer over HTTP/1.1; connections are kept. */
export interface HttpExchange {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** With `host`, and `content-length` where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type { HttpAnswer } from './read-answer.ts';

/** The other side was silent for too long. */
export class ExchangeTimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** The other side closed the connection before it had answered. */
class HangUpError extends Error {
  override readonly name = 'HangUpError';
  readonly code = 'ECONNRESET';
}

/** Of one origin. */
const MAX_SOCKETS = 50;

type Connect = () => Socket;

/** Only what is needed is loaded: TLS takes milliseconds of a cold start. */
const connectTo = async (origin: string): Promise<Connect> => {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol !== 'https:') {
    const { connect } = await import('node:net');
    return () => connect({ host, port: Number(port || 80), noDelay: true });
  }
  const [{ connect }, { isIP }] = await Promise.all([import('node:tls'), import('node:net')]);
  // What the last handshake agreed upon makes the next a short one.
  let session: Buffer | undefined;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return () => {
    const known = session === undefined ? {} : { session };
    const socket = connect({ host, port: Number(port || 443), ALPNProtocols: ['http/1.1'], ...servername, ...known });
    socket.setNoDelay(true);
    socket.on('session', (agreed) => {
      session = agreed;
    });
    socket.on('error', () => {
      session = undefined;
    });
    return socket;
  };
};

interface Waiting {
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly reader: ReturnType<typeof createAnswerReader>;
}

interface Line {
  readonly socket: Socket;
  /** Who is answered; undefined while the connection is idle. */
  waiting: Waiting | undefined;
}

/** What would end a header, or the request. */
const UNSAFE = /[^\t\x20-\x7e]/;

const headOf = ({ method, path, headers }: HttpExchange): string => {
  const lines = [`${method} ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const wrong = lines.findIndex((line) => UNSAFE.test(line));
  if (wrong !== -1) throw new Error(`line ${wrong} of a request's head has a character that is not allowed there`);
  return `${lines.join('\r\n')}\r\n\r\n`;
};

/** The connections to one origin. */
const createOrigin = (origin: string, idleLimitMs: number) => {
  const connecting = connectTo(origin);
  const idle: Line[] = [];
  const queue: ((line: Line | undefined) => void)[] = [];
  let openCount = 0;

  const settle = (line: Line, answer: ReadAnswer): void => {
    const { waiting, socket } = line;
    line.waiting = undefined;
    if (!answer.reusable) socket.destroy();
    else {
      const next = queue.shift();
      if (next !== undefined) next(line);
      else {
        socket.setTimeout(0);
        // It keeps no process alive.
        socket.unref();
        idle.push(line);
      }
    }
    waiting?.resolve({ status: answer.status, headers: answer.headers, body: answer.body });
  };

  const fail = (line: Line, error: Error): void => {
    const { waiting } = line;
    line.waiting = undefined;
    waiting?.reject(error);
    line.socket.destroy();
  };

  const forget = (line: Line): void => {
    const place = idle.indexOf(line);
    if (place !== -1) idle.splice(place, 1);
  };

  const openLine = (connect: Connect): Line => {
    openCount += 1;
    const line: Line = { socket: connect(), waiting: undefined };
    const { socket } = line;
    socket.on('data', (bytes: Buffer) => {
      try {
        // Nobody asked for what an idle connection says.
        if (line.waiting === undefined) socket.destroy();
        else {
          const answer = line.waiting.reader.take(bytes);
          if (answer !== undefined) settle(line, answer);
        }
      } catch (error) {
        fail(line, error as Error);
      }
    });
    socket.on('timeout', () => fail(line, new ExchangeTimeoutError(`no answer in ${idleLimitMs} ms`)));
    socket.on('error', (error) => fail(line, error));
    socket.on('end', () => {
      forget(line);
      const answer = line.waiting?.reader.end();
      if (answer !== undefined) settle(line, answer);
    });
    socket.on('close', () => {
      openCount -= 1;
      forget(line);
      fail(line, new HangUpError('the connection was closed before the answer was whole'));
      queue.shift()?.(undefined);
    });
    return line;
  };

  /** The connection that was used last, a new one, or one that others leave. */
  const lineFor = (connect: Connect): Line | Promise<Line> => {
    const line = idle.pop();
    if (line !== undefined) return line;
    if (openCount < MAX_SOCKETS) return openLine(connect);
    return new Promise<Line | undefined>((leave) => queue.push(leave)).then((left) => left ?? lineFor(connect));
  };

  return async (exchange: HttpExchange, whenSent?: () => void): Promise<HttpAnswer> => {
    const head = headOf(exchange);
    const line = await lineFor(await connecting);
    return new Promise((resolve, reject) => {
      line.waiting = { resolve, reject, reader: createAnswerReader() };
      line.socket.ref();
      line.socket.setTimeout(idleLimitMs);
      line.socket.write(exchange.body === undefined ? head : head + exchange.body, whenSent);
    });
  };
};

/** @param whenSent is called when the request has been written to its connection. */
export type Exchange = (exchange: HttpExchange, whenSent?: () => void) => Promise<HttpAnswer>;

/**
 * @param idleLimitMs for how long nothing may be heard.
 * @throws ExchangeTimeoutError, or an error with a `code` for a connection that broke.
 */
export const createExchange = (idleLimitMs: number): Exchange => {
  const origins = new Map<string, ReturnType<typeof createOrigin>>();
  return (exchange, whenSent) => {
    const { origin } = exchange;
    let send = origins.get(origin);
    if (send === undefined) {
      send = createOrigin(origin, idleLimitMs);
      origins.set(origin, send);
    }
    return send(exchange, whenSent);
  };
};
