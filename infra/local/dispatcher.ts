import { hash } from 'node:crypto';
import { SECOND_MS } from '../../shared/kernel/time.ts';
import {
  AwsError,
  type Caller,
  type IdSource,
  type LocalClock,
  type LocalService,
  type WireRequest,
  type WireResponse,
} from './contracts.ts';
import type { HttpBody } from './http-body.ts';
import { authenticate } from './iam/authenticate.ts';
import type { Authorizer } from './iam/authorizer.ts';
import type { CredentialStore } from './iam/credentials.ts';
import { readSignature, type Signature, type SignedRequest, splitTarget } from './iam/signature.ts';
import { renderError } from './protocols/errors.ts';

/** A request to a REST API of API Gateway, whose methods decide themselves whether a signature is needed. */
export type ApiHandler = (request: WireRequest, refusal: AwsError | undefined) => Promise<WireResponse>;

export interface DispatcherOptions {
  readonly clock: LocalClock;
  readonly ids: IdSource;
  readonly credentials: CredentialStore;
  readonly authorizer: Authorizer;
  /** The service that signs with this name. */
  readonly serviceFor: (signingName: string) => LocalService | undefined;
  /** Serves `/_apis/…`. */
  readonly handleApi?: ApiHandler;
  readonly endpoint: () => string;
  /** Requests come from this process alone: signatures are read, not calculated again. */
  readonly inProcess?: boolean;
  readonly onError: (message: string, error: unknown) => void;
}

/** A request as it arrives, over HTTP or in memory. */
export interface ArrivedRequest extends SignedRequest {
  readonly body: HttpBody;
}

/** Answers any request to the cloud: finds out who calls, finds the service, renders what it answers or refuses. */
export type Dispatcher = (request: ArrivedRequest) => Promise<WireResponse>;

export const API_PATH_PREFIX = '/_apis/';
const API_SERVICE = 'execute-api';
const ANONYMOUS: Caller = { arn: 'anonymous', accessKeyId: '' };
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

interface Incoming extends ArrivedRequest {
  readonly requestId: string;
  readonly isApi: boolean;
}

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

interface Identity {
  readonly caller: Caller;
  /** Of the request's signature, when it is sound. */
  readonly service?: string;
  readonly refusal?: AwsError;
}

/** Of a request to an API, where it is no error but a fact: most APIs without signatures get nothing else. */
const UNSIGNED: Identity = { caller: ANONYMOUS, refusal: missingToken() };

const wrongScope = (): AwsError =>
  new AwsError('InvalidSignatureException', `Credential should be scoped to correct service: '${API_SERVICE}'. `, 403);

const identify = async (
  incoming: Incoming,
  { credentials, clock, inProcess = false }: DispatcherOptions,
): Promise<Identity> => {
  try {
    // URL would collapse such segments silently, and the service would see another path than the signed one.
    const { path } = splitTarget(incoming.target);
    if (DOT_SEGMENT.test(path)) {
      throw new AwsError('InvalidURI', `the path must not hold . or .. segments, got ${path}`);
    }
    const signature = readSignature(incoming);
    if (signature === undefined) {
      if (incoming.isApi) return UNSIGNED;
      throw missingToken();
    }
    const { service } = signature;
    if (incoming.isApi && service !== API_SERVICE) throw wrongScope();
    const payloadHash = inProcess ? '' : await payloadHashOf(incoming, signature);
    const caller = authenticate(incoming, signature, payloadHash, { credentials, nowMs: clock.nowMs, inProcess });
    return { caller, service };
  } catch (error) {
    if (error instanceof AwsError) return { caller: ANONYMOUS, refusal: error };
    throw error;
  }
};

/** The URL is made when it is asked for: most services look at the headers and the body alone. */
const wireRequest = (incoming: Incoming, caller: Caller, endpoint: string): WireRequest => {
  let url: URL | undefined;
  return {
    method: incoming.method,
    get url() {
      url ??= new URL(incoming.target, endpoint);
      return url;
    },
    headers: incoming.headers,
    get body() {
      return incoming.body.stream();
    },
    readBody: incoming.body.whole,
    caller,
    requestId: incoming.requestId,
  };
};

const route = async (incoming: Incoming, options: DispatcherOptions): Promise<WireResponse> => {
  const { caller, service: signedFor, refusal } = await identify(incoming, options);
  const request = wireRequest(incoming, caller, options.endpoint());
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

const answer = async (incoming: Incoming, options: DispatcherOptions): Promise<WireResponse> => {
  try {
    return await route(incoming, options);
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

/** The date of answers; all within a second have the same. */
const createDates = ({ nowMs }: LocalClock): (() => string) => {
  let second = Number.NaN;
  let text = '';
  return () => {
    const now = Math.floor(nowMs() / SECOND_MS);
    if (now !== second) text = new Date(now * SECOND_MS).toUTCString();
    second = now;
    return text;
  };
};

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { clock, ids, handleApi } = options;
  const date = createDates(clock);
  return async (request) => {
    const isApi = handleApi !== undefined && request.target.startsWith(API_PATH_PREFIX);
    const { status, headers, body } = await answer({ ...request, requestId: ids.uuid(), isApi }, options);
    // The date is the virtual one: SDK clients correct their own clock by it, and theirs is virtual too.
    const dated = { date: date(), ...headers };
    return { status, headers: dated, ...(body === undefined ? {} : { body }) };
  };
};
