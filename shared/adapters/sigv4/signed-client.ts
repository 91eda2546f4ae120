import { hash, randomUUID } from 'node:crypto';
import {
  basicTime,
  credentialScope,
  SIGNING_ALGORITHM,
  type SigningDigests,
  signatureOf,
  signedHeaderNames,
  signingKeyOf,
} from '../../kernel/signature-v4.ts';
import { type Environment, regionOf, type Service } from './endpoints.ts';
import { createExchange, ExchangeTimeoutError, type HttpAnswer, type HttpExchange } from './exchange.ts';
import { hmacSha256 } from './hmac-sha256.ts';
import { ServiceError, serviceErrorOf } from './service-error.ts';

/**
 * Signed calls of AWS without its SDK, which takes longer to load than all else that a cold start of serving does.
 * Credentials, region and addresses come from the environment, as Lambda gives them.
 */

export interface SignedCall {
  readonly service: Service;
  readonly method: 'GET' | 'POST';
  readonly origin: string;
  /** Percent-encoded, without a query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SignedClient {
  readonly env: Environment;
  /**
   * @returns an answer below 300.
   * @throws ServiceError with the service's code as its name, or the error of the last connection, after all attempts.
   */
  send(call: SignedCall): Promise<HttpAnswer>;
  /** Fulfilled when every call until now has been written to its connection, or is over: answers are on their way. */
  sent(): Promise<void>;
}

export interface SignedClientOptions {
  readonly env: Environment;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const MAX_ATTEMPTS = 3;
/** Three attempts and their waits fit into the 29 seconds of an API's answer. */
const IDLE_LIMIT_MS = 6_000;
/** The SDK's first waits: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const FIRST_DELAY_MS = 100;
const FIRST_THROTTLED_DELAY_MS = 500;

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ServiceUnavailableException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const DIGESTS: SigningDigests = {
  sha256: (content) => hash('sha256', content),
  hmac: hmacSha256,
  hmacHex: (key, text) => hmacSha256(key, text).toString('hex'),
};

/** Signs for one time; the key of a day is derived once. */
const createSigner = (env: Environment) => {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (secret: string, scope: string): Uint8Array => {
    const id = `${scope} ${secret}`;
    const known = keys.get(id);
    if (known) return known;
    if (keys.size >= 8) keys.clear();
    const key = signingKeyOf(DIGESTS, secret, scope);
    keys.set(id, key);
    return key;
  };
  return (call: SignedCall, atMs: number): Readonly<Record<string, string>> => {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
    if (!id || !secret) {
      throw new Error('environment variables are missing: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY');
    }
    const time = basicTime(atMs);
    const scope = credentialScope(time, regionOf(env), call.service);
    const payloadDigest = DIGESTS.sha256(call.body ?? '');
    const headers = {
      ...call.headers,
      host: call.origin.replace(/^https?:\/\//, ''),
      'x-amz-content-sha256': payloadDigest,
      'x-amz-date': time,
      ...(token ? { 'x-amz-security-token': token } : {}),
    };
    const request = { method: call.method, path: call.path, query: '', headers, payloadDigest };
    const signature = signatureOf(DIGESTS, keyOf(secret, scope), request, { time, scope });
    const names = signedHeaderNames(headers);
    const authorization = `${SIGNING_ALGORITHM} Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...headers, authorization };
  };
};

const isThrottled = (error: unknown): boolean => error instanceof ServiceError && THROTTLED.has(error.name);

/** A throttle, a fault of the service, or a connection that broke; what the caller did wrong stays wrong. */
const mayPass = (error: unknown): boolean =>
  error instanceof ServiceError
    ? error.$fault === 'server' || error.$metadata.httpStatusCode === 429 || isThrottled(error)
    : error instanceof ExchangeTimeoutError || (error instanceof Error && 'code' in error);

const sleepFor = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts what is to be written, and tells who waits when that is nothing. */
const createUnsent = () => {
  let count = 0;
  const waiting: (() => void)[] = [];
  return {
    /** @returns what is to be called when it has been written. */
    add(): () => void {
      let isSent = false;
      count += 1;
      return () => {
        if (isSent) return;
        isSent = true;
        count -= 1;
        if (count === 0) for (const tell of waiting.splice(0)) tell();
      };
    },
    none: (): Promise<void> => (count === 0 ? Promise.resolve() : new Promise((tell) => waiting.push(tell))),
  };
};

export const createSignedClient = ({
  env,
  nowMs,
  random = Math.random,
  sleep = sleepFor,
}: SignedClientOptions): SignedClient => {
  const sign = createSigner(env);
  const exchange = createExchange(IDLE_LIMIT_MS);
  const unsent = createUnsent();

  const attempt = async (
    call: SignedCall,
    { callId, count, whenSent }: { readonly callId: string; readonly count: number; readonly whenSent: () => void },
  ): Promise<HttpAnswer> => {
    const headers: HttpExchange['headers'] = {
      ...sign(call, nowMs()),
      // What AWS's support and our own records of calls know the attempts of one call by.
      'amz-sdk-invocation-id': callId,
      'amz-sdk-request': `attempt=${count}; max=${MAX_ATTEMPTS}`,
      ...(call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }),
    };
    const { method, origin, path, body } = call;
    const request = { method, origin, path, headers, ...(body === undefined ? {} : { body }) };
    const answer = await exchange(request, whenSent);
    if (answer.status >= 300) throw serviceErrorOf(answer);
    return answer;
  };

  return {
    env,
    send: async (call) => {
      const callId = randomUUID();
      const whenSent = unsent.add();
      for (let count = 1; ; count += 1) {
        try {
          return await attempt(call, { callId, count, whenSent });
        } catch (error) {
          if (count === MAX_ATTEMPTS || !mayPass(error)) throw error;
          const firstMs = isThrottled(error) ? FIRST_THROTTLED_DELAY_MS : FIRST_DELAY_MS;
          await sleep(random() * firstMs * 2 ** (count - 1));
        } finally {
          // An answer, or the end of an attempt.
          whenSent();
        }
      }
    },
    sent: () => unsent.none(),
  };
};
