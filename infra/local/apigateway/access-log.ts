import type { WireRequest, WireResponse } from '../contracts.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayOptions } from './gateway.ts';
import { logTime } from './proxy-event.ts';
import { isRefusal, responseTypeOf } from './refusal.ts';

const errorMessage = (response: WireResponse): string | undefined => {
  if (!isRefusal(response)) return undefined;
  const { message } = JSON.parse(String(response.body)) as { readonly message?: unknown };
  return typeof message === 'string' ? message : undefined;
};

const identityVariables = (
  request: WireRequest,
  exchange: Exchange,
  userArn: GatewayOptions['userArn'],
): Readonly<Record<string, unknown>> => {
  const signed = exchange.method?.authorization === 'AWS_IAM';
  return {
    'identity.sourceIp': '127.0.0.1',
    'identity.userAgent': request.headers['user-agent'],
    'identity.caller': signed ? request.caller.accessKeyId : undefined,
    'identity.user': signed ? request.caller.accessKeyId : undefined,
    'identity.userArn': signed ? userArn(request) : undefined,
    'identity.apiKeyId': exchange.apiKey?.id,
    'authorizer.principalId': exchange.authorizer?.principalId,
  };
};

/** Writes one line in the stage's own format; a variable without a value is a dash. */
export const writeAccessLog = (
  { context, userArn }: GatewayOptions,
  exchange: Exchange,
  response: WireResponse,
): void => {
  const { request, api, stage, match } = exchange;
  if (stage.accessLog === undefined) return;
  const nowMs = context.clock.nowMs();
  const variables: Readonly<Record<string, unknown>> = {
    requestId: request.requestId,
    extendedRequestId: request.requestId,
    apiId: api.id,
    stage: stage.name,
    httpMethod: request.method,
    resourcePath: match?.route.path,
    path: `/${stage.name}${exchange.path}`,
    protocol: 'HTTP/1.1',
    status: response.status,
    responseLength: typeof response.body === 'string' ? Buffer.byteLength(response.body) : undefined,
    responseLatency: nowMs - exchange.startedAtMs,
    integrationLatency: exchange.integrationMs,
    requestTime: logTime(nowMs),
    requestTimeEpoch: nowMs,
    accountId: context.accountId,
    'error.message': errorMessage(response),
    'error.responseType': isRefusal(response) ? responseTypeOf(response) : undefined,
    ...identityVariables(request, exchange, userArn),
  };
  const message = stage.accessLog.format.replace(/\$context\.([A-Za-z.]+[A-Za-z])/g, (_match, name: string) =>
    String(variables[name] ?? '-'),
  );
  const { logGroup } = stage.accessLog;
  context.ports.putLogLine({ logGroup, logStream: `${api.id}-${stage.name}`, atMs: nowMs, message });
};
