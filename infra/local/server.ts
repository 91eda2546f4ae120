import { hash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AwsError,
  type Caller,
  type LocalClock,
  type LocalService,
  type WireRequest,
  type WireResponse,
} from './contracts.ts';
import { createHttpBody, type HttpBody } from './http-body.ts';
import { authenticate } from './iam/authenticate.ts';
import type { Authorizer } from './iam/authorizer.ts';
import type { CredentialStore } from './iam/credentials.ts';
import { readSignature, type Signature, type SignedRequest, splitTarget } from './iam/signature.ts';
import { renderError } from './protocols/errors.ts';

/** A request to a REST API of API Gateway, whose methods decide themselves whether a signature is needed. */
export type ApiHandler = (request: WireRequest, refusal: AwsError | undefined) => Promise<WireResponse>;

export interface ServerOptions {
  /** 0 or none takes any free port. */
  readonly port?: number;
  readonly clock: LocalClock;
  readonly credentials: CredentialStore;
  readonly authorizer: Authorizer;
  /** The service that signs with this name. */
  readonly serviceFor: (signingName: string) => LocalService | undefined;
  /** Serves `/_apis/…`. */
  readonly handleApi?: ApiHandler;
  readonly onError: (message: string, error: unknown) => void;
}

export interface CloudServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

export const API_PATH_PREFIX = '/_apis/';
const API_SERVICE = 'execute-api';
const ANONYMOUS: Caller = { arn: 'anonymous', accessKeyId: '' };
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;
const GRACE_MS = 500;

interface Incoming extends SignedRequest {
  readonly body: HttpBody;
  readonly requestId: string;
  readonly isApi: boolean;
}

const flatHeaders = (message: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
};

const receive = (message: IncomingMessage, options: ServerOptions): Incoming => {
  const target = message.url ?? '/';
  return {
    method: message.method ?? 'GET',
    target,
    headers: flatHeaders(message),
    body: createHttpBody(message),
    requestId: randomUUID(),
    isApi: options.handleApi !== undefined && target.startsWith(API_PATH_PREFIX),
  };
};

/** What was signed of the body: the declared hash, nothing for a presigned URL of S3, else the hash of the body. */
const payloadHashOf = async (incoming: Incoming, signature: Signature): Promise<string> => {
  const declared = incoming.headers['x-amz-content-sha256'];
  // API Gateway hashes the body itself: a body that was changed on its way has no valid signature.
  if (declared !== undefined && !incoming.isApi) return declared;
  if (signature.expiresSeconds !== undefined && signature.service === 's3') return 'UNSIGNED-PAYLOAD';
  return hash('sha256', await incoming.body.whole());
};

const missingToken = (): AwsError =>
  new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);

const wrongScope = (): AwsError =>
  new AwsError('InvalidSignatureException', `Credential should be scoped to correct service: '${API_SERVICE}'. `, 403);

interface Identity {
  readonly caller: Caller;
  /** Of the request's signature, when it is sound. */
  readonly service?: string;
  readonly refusal?: AwsError;
}

const identify = async (incoming: Incoming, { credentials, clock }: ServerOptions): Promise<Identity> => {
  try {
    // URL would collapse such segments silently, and the service would see another path than the signed one.
    const { path } = splitTarget(incoming.target);
    if (DOT_SEGMENT.test(path)) {
      throw new AwsError('InvalidURI', `the path must not hold . or .. segments, got ${path}`);
    }
    const signature = readSignature(incoming);
    if (signature === undefined) throw missingToken();
    const { service } = signature;
    if (incoming.isApi && service !== API_SERVICE) throw wrongScope();
    const payloadHash = await payloadHashOf(incoming, signature);
    const caller = authenticate(incoming, signature, payloadHash, { credentials, nowMs: clock.nowMs });
    return { caller, service };
  } catch (error) {
    if (error instanceof AwsError) return { caller: ANONYMOUS, refusal: error };
    throw error;
  }
};

const wireRequest = (incoming: Incoming, caller: Caller, endpoint: string): WireRequest => ({
  method: incoming.method,
  url: new URL(incoming.target, endpoint),
  headers: incoming.headers,
  get body() {
    return incoming.body.stream();
  },
  readBody: incoming.body.whole,
  caller,
  requestId: incoming.requestId,
});

const route = async (incoming: Incoming, endpoint: string, options: ServerOptions): Promise<WireResponse> => {
  const { caller, service: signedFor, refusal } = await identify(incoming, options);
  const request = wireRequest(incoming, caller, endpoint);
  const { path } = splitTarget(incoming.target);
  const operation = incoming.headers['x-amz-target']?.split('.')[1] ?? `${incoming.method} ${path}`;
  if (incoming.isApi && options.handleApi) {
    if (refusal === undefined) options.authorizer.authorize({ caller, service: API_SERVICE, operation });
    return options.handleApi(request, refusal);
  }
  if (refusal !== undefined || signedFor === undefined) throw refusal ?? missingToken();
  const service = options.serviceFor(signedFor);
  if (service === undefined) {
    throw new AwsError('UnknownServiceException', `service ${signedFor} is not supported by the embedded cloud`);
  }
  options.authorizer.authorize({ caller, service: signedFor, operation });
  return service.handle(request);
};

/** Whose protocol an error outside the services speaks: the one that the request seems to be meant for. */
const errorService = (incoming: Incoming): string => {
  if (incoming.isApi) return API_SERVICE;
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1];
  return scope ?? (incoming.method === 'POST' && !incoming.target.includes('X-Amz-Credential=') ? '' : 's3');
};

const answer = async (incoming: Incoming, endpoint: string, options: ServerOptions): Promise<WireResponse> => {
  try {
    return await route(incoming, endpoint, options);
  } catch (error) {
    const service = errorService(incoming);
    if (error instanceof AwsError) return renderError(service, error, incoming.requestId);
    options.onError(`request failed: ${service} ${incoming.method} ${incoming.target}`, error);
    const reason = error instanceof Error ? error.message : String(error);
    return renderError(
      service,
      new AwsError('InternalFailure', `the embedded cloud failed: ${reason}`, 500),
      incoming.requestId,
    );
  }
};

const send = async (response: ServerResponse, reply: WireResponse, dateHeader: string): Promise<void> => {
  const { body = '', status } = reply;
  const headers: Record<string, string | number> = { date: dateHeader, ...reply.headers };
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
  const { clock } = options;
  let endpoint = '';
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await answer(receive(message, options), endpoint, options);
    // The date is the virtual one: SDK clients correct their own clock by it, and theirs is virtual too.
    await send(response, reply, new Date(clock.nowMs()).toUTCString());
  };
  const server = createServer({ keepAliveTimeout: 60_000, highWaterMark: 256 * 1024 }, (message, response) => {
    clock
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
