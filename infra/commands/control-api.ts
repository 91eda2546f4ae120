import { createHash, createHmac } from 'node:crypto';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import {
  basicTime,
  canonicalQuery,
  credentialScope,
  SIGNING_ALGORITHM,
  type SigningCredentials,
  type SigningDigests,
  signatureOf,
  signedHeaderNames,
  signingKeyOf,
} from '../../shared/kernel/signature-v4.ts';

interface Call {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a client of the SDK found out. */
interface SdkConfig {
  readonly credentials: () => Promise<SigningCredentials>;
  readonly region: () => Promise<string>;
  /** By how much the service's clock is before this machine's. */
  readonly systemClockOffset: number;
}

const DIGESTS: SigningDigests = {
  sha256: (content) => createHash('sha256').update(content).digest('hex'),
  hmac: (key, text) => createHmac('sha256', key).update(text).digest(),
  hmacHex: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};

/** Calls of API Gateway's control API, with the credentials and by the clock that a client of the SDK found. */
export const createControlApi =
  (config: SdkConfig, endpoint: string | undefined) =>
  async ({ method, path, query = {}, body }: Call): Promise<unknown> => {
    const [{ accessKeyId, secretAccessKey, sessionToken }, region] = await Promise.all([
      config.credentials(),
      config.region(),
    ]);
    const origin = new URL(endpoint ?? `https://apigateway.${region}.amazonaws.com`).origin;
    const time = basicTime(Date.now() + config.systemClockOffset);
    const scope = credentialScope(time, region, 'apigateway');
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      host: new URL(origin).host,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    const search = canonicalQuery(query);
    const request = { method, path, query: search, headers, payloadDigest: DIGESTS.sha256(text) };
    const signature = signatureOf(DIGESTS, signingKeyOf(DIGESTS, secretAccessKey, scope), request, { time, scope });
    const authorization = `${SIGNING_ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaderNames(headers)}, Signature=${signature}`;
    const answer = await fetch(`${origin}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: { ...headers, authorization, accept: 'application/json' },
      ...(text === '' ? {} : { body: text }),
    });
    const told = await answer.text();
    if (answer.ok) return JSON.parse(told);
    throw new InvalidStateError(`API Gateway answered ${answer.status} to ${method} ${path}: ${told.slice(0, 300)}`);
  };

export type ControlApi = ReturnType<typeof createControlApi>;
