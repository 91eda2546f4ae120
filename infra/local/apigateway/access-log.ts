import type { ServiceContext, WireResponse } from '../contracts.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayOptions } from './gateway.ts';
import { logTime } from './proxy-event.ts';
import { isRefusal, responseTypeOf } from './refusal.ts';

const errorMessage = (response: WireResponse): string | undefined => {
  if (!isRefusal(response)) return undefined;
  const { message } = JSON.parse(String(response.body)) as { readonly message?: unknown };
  return typeof message === 'string' ? message : undefined;
};

interface Answered {
  readonly context: ServiceContext;
  readonly userArn: GatewayOptions['userArn'];
  readonly exchange: Exchange;
  readonly response: WireResponse;
  readonly nowMs: number;
}

const signerKey = ({ exchange: { method, request } }: Answered): string | undefined =>
  method?.authorization === 'AWS_IAM' ? request.caller.accessKeyId : undefined;

/** What a format may name, read only if it does. */
const VARIABLES: ReadonlyMap<string, (answered: Answered) => unknown> = new Map<
  string,
  (answered: Answered) => unknown
>([
  ['requestId', ({ exchange }) => exchange.request.requestId],
  ['extendedRequestId', ({ exchange }) => exchange.request.requestId],
  ['apiId', ({ exchange }) => exchange.api.id],
  ['stage', ({ exchange }) => exchange.stage.name],
  ['httpMethod', ({ exchange }) => exchange.request.method],
  ['resourcePath', ({ exchange }) => exchange.match?.route.path],
  ['path', ({ exchange }) => `/${exchange.stage.name}${exchange.path}`],
  ['protocol', () => 'HTTP/1.1'],
  ['status', ({ response }) => response.status],
  ['responseLength', ({ response: { body } }) => (typeof body === 'string' ? Buffer.byteLength(body) : undefined)],
  ['responseLatency', ({ nowMs, exchange }) => nowMs - exchange.startedAtMs],
  ['integrationLatency', ({ exchange }) => exchange.integrationMs],
  ['requestTime', ({ nowMs }) => logTime(nowMs)],
  ['requestTimeEpoch', ({ nowMs }) => nowMs],
  ['accountId', ({ context }) => context.accountId],
  ['error.message', ({ response }) => errorMessage(response)],
  ['error.responseType', ({ response }) => (isRefusal(response) ? responseTypeOf(response) : undefined)],
  ['identity.sourceIp', () => '127.0.0.1'],
  ['identity.userAgent', ({ exchange }) => exchange.request.headers['user-agent']],
  ['identity.caller', signerKey],
  ['identity.user', signerKey],
  [
    'identity.userArn',
    (answered) => (signerKey(answered) === undefined ? undefined : answered.userArn(answered.exchange.request)),
  ],
  ['identity.apiKeyId', ({ exchange }) => exchange.apiKey?.id],
  ['authorizer.principalId', ({ exchange }) => exchange.authorizer?.principalId],
]);

/** Literals at even places, names of variables between them. */
const formats = new Map<string, readonly string[]>();
/** More than there are stages. */
const MOST_FORMATS = 100;

const partsOf = (format: string): readonly string[] => {
  const known = formats.get(format);
  if (known !== undefined) return known;
  if (formats.size >= MOST_FORMATS) formats.clear();
  const parts = format.split(/\$context\.([A-Za-z.]+[A-Za-z])/);
  formats.set(format, parts);
  return parts;
};

/** Writes one line in the stage's own format; a variable without a value is a dash. */
export const writeAccessLog = (
  { context, userArn }: GatewayOptions,
  exchange: Exchange,
  response: WireResponse,
): void => {
  const { api, stage } = exchange;
  if (stage.accessLog === undefined) return;
  const nowMs = context.clock.nowMs();
  const answered: Answered = { context, userArn, exchange, response, nowMs };
  const { logGroup, format } = stage.accessLog;
  let message = '';
  for (const [index, part] of partsOf(format).entries()) {
    message += index % 2 === 0 ? part : String(VARIABLES.get(part)?.(answered) ?? '-');
  }
  context.ports.putLogLine({ logGroup, logStream: `${api.id}-${stage.name}`, atMs: nowMs, message });
};
