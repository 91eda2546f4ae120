import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { InferenceAnswer, InferenceRequest } from '../../../shared/core/inference/index.ts';
import { count, type Metrics, type Series } from '../../../shared/core/prometheus/index.ts';
import { refusal, refusedByHead } from './admission.ts';
import { inferenceRequest } from './node-request.ts';
import { readBody } from './read-body.ts';
import type { Settings } from './settings.ts';

type Answering = (request: InferenceRequest) => InferenceAnswer | Promise<InferenceAnswer>;

interface ShellDeps {
  readonly settings: Settings;
  readonly metrics: Metrics;
  /** Must not throw. */
  readonly answer: Answering;
  requestId(): string;
}

/** Load balancers keep idle connections for 60 s: ours must not close first. */
const KEEP_ALIVE_MS = 75_000;
const CHECK_TIMEOUTS_MS = 1_000;
/** Of an open connection without a byte either way: a caller that does not read its answer, too. */
const IDLE_SOCKET_MS = 90_000;

/** An HTTP server for the serving APIs, that refuses what it cannot hold before it holds it. */
export const createHttpShell = ({ settings, metrics, answer, requestId }: ShellDeps) => {
  const { maxBodyBytes, requestTimeoutMs, callersAreNamed } = settings;
  const byStatus = new Map<number, Series>();
  const requestsInFlight = metrics.series('millrace_http_requests_in_flight', []);
  const bytesInFlight = metrics.series('millrace_http_bytes_in_flight', []);
  let draining = false;

  const counted = (status: number): Series => {
    const standing = byStatus.get(status);
    if (standing !== undefined) return standing;
    const series = metrics.series('millrace_http_requests', [String(status)]);
    byStatus.set(status, series);
    return series;
  };

  const send = (response: ServerResponse, { status, headers, body }: InferenceAnswer): void => {
    count(counted(status));
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    response.writeHead(status, {
      ...headers,
      'content-length': length,
      ...(draining ? { connection: 'close' } : {}),
    });
    // Text of as many bytes as characters is ASCII, which need not be transcoded.
    if (typeof body === 'string') response.end(body, body.length === length ? 'latin1' : 'utf8');
    else response.end(body);
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const refused = refusedByHead(request, { settings, requestsInFlight, bytesInFlight });
    if (refused !== undefined) {
      // The body is dropped as it comes: closed at once, the connection would take the answer with it.
      request.resume();
      send(response, refused);
      return;
    }
    let held = 0;
    let closed = false;
    const hold = (by: number): void => {
      if (closed) return;
      held += by;
      count(bytesInFlight, by);
    };
    count(requestsInFlight);
    response.once('close', () => {
      closed = true;
      count(requestsInFlight, -1);
      count(bytesInFlight, -held);
    });
    const finish = (answered: InferenceAnswer): void => {
      hold(answered.body.length);
      send(response, answered);
    };
    const fail = (): void => {
      response.destroy();
    };
    // Callbacks, not promises: an answer that is there at once leaves in the turn in which its request came.
    readBody(request, {
      maxBytes: maxBodyBytes,
      hold,
      whole: (body) => {
        try {
          const answering = answer(inferenceRequest(request, body, { requestId: requestId(), callersAreNamed }));
          if (answering instanceof Promise) answering.then(finish, fail);
          else finish(answering);
        } catch {
          fail();
        }
      },
      tooLarge: () => finish(refusal(413, `the body must have at most ${maxBodyBytes} bytes, got more`)),
    });
  };

  const server: Server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(requestTimeoutMs, 10_000),
    connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.maxConnections = settings.maxConnections;
  server.timeout = IDLE_SOCKET_MS;
  server.on('request', handle);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (refusedByHead(request, { settings, requestsInFlight, bytesInFlight }) === undefined) response.writeContinue();
    handle(request, response);
  });

  return {
    server,
    /** Answers what was asked, each as the last of its connection, and takes nothing new. */
    drain: (): Promise<void> => {
      draining = true;
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
};
