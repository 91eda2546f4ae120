import type { IncomingMessage } from 'node:http';
import { API_KEY_ID_HEADER, CALLER_HEADER } from '../../../shared/contracts/callers.ts';
import type { InferenceAnswer } from '../../../shared/core/inference/index.ts';
import type { Series } from '../../../shared/core/prometheus/index.ts';
import type { Settings } from './settings.ts';

export interface InFlight {
  readonly settings: Pick<Settings, 'callersAreNamed' | 'maxBodyBytes' | 'maxBytesInFlight' | 'maxRequestsInFlight'>;
  readonly requestsInFlight: Series;
  readonly bytesInFlight: Series;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** A refusal before any protocol was looked at; the key `error` is what the protocol's clients require. */
export const refusal = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): InferenceAnswer => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body: JSON.stringify({ error: message }),
});

/** What cannot be taken now; undefined where there is room. */
const overload = (announcedBytes: number, { settings, requestsInFlight, bytesInFlight }: InFlight) => {
  const { maxBytesInFlight, maxRequestsInFlight } = settings;
  const retry = { 'retry-after': '1' };
  if ((requestsInFlight[0] ?? 0) >= maxRequestsInFlight) {
    return refusal(503, `${maxRequestsInFlight} requests are being answered, no more may`, retry);
  }
  if ((bytesInFlight[0] ?? 0) + announcedBytes > maxBytesInFlight) {
    return refusal(503, `requests of ${maxBytesInFlight} bytes are being answered, no more may`, retry);
  }
  return undefined;
};

/** Why a request is not taken, by its head alone; undefined for one that is. */
export const refusedByHead = ({ headers }: IncomingMessage, inFlight: InFlight): InferenceAnswer | undefined => {
  const { callersAreNamed, maxBodyBytes } = inFlight.settings;
  // Node joins headers of one name: the API sets its own over the caller's, so that two are one too many.
  if (callersAreNamed && [CALLER_HEADER, API_KEY_ID_HEADER].some((name) => String(headers[name]).includes(', '))) {
    return refusal(400, 'who called is said twice');
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > maxBodyBytes) {
    return refusal(413, `the body must have at most ${maxBodyBytes} bytes, got ${announced}`);
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return refusal(415, `content-encoding ${encoding.slice(0, 50)} is not supported: send the body as it is`);
  }
  return overload(announced, inFlight);
};
