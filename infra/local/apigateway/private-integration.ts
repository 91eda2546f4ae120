import type { BalancedRequest } from '../elbv2/forward.ts';
import type { Fields } from '../protocols/fields.ts';
import type { RoutedExchange } from './exchange.ts';
import type { GatewayOptions } from './gateway.ts';
import type { Integration } from './records.ts';

type PrivateIntegration = Extract<Integration, { type: 'HTTP_PROXY' }>;

/** What a header may be mapped from. */
const SOURCES = ['context.identity.userArn', 'context.identity.apiKeyId', 'context.requestId'] as const;

const readHeaders = (fields: Fields): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  for (const [name, source] of Object.entries(fields.textMap('RequestParameters') ?? {})) {
    const header = /^integration\.request\.header\.(.+)$/.exec(name)?.[1]?.toLowerCase();
    const known = /^'.*'$/.test(source) || SOURCES.some((one) => one === source);
    const path = /^integration\.request\.path\.(.+)$/.exec(name)?.[1];
    if (path !== undefined && source === `method.request.path.${path}`) continue;
    if (header === undefined || !known)
      throw fields.refuse('RequestParameters', `must map a path to itself or a header here, got ${name}: ${source}`);
    headers[header] = source;
  }
  return headers;
};

/** A private integration of API Gateway: over a VPC link (V2) to an application load balancer, and nothing else. */
export const readPrivateIntegration = (fields: Fields, longestMs: number): PrivateIntegration => {
  if (fields.choice('ConnectionType', ['VPC_LINK']) === undefined)
    throw fields.refuse('ConnectionType', 'must be VPC_LINK here: nothing is reached over the internet');
  fields.requiredText('ConnectionId');
  const loadBalancerArn = fields.requiredText('IntegrationTarget');
  if (!loadBalancerArn.includes(':loadbalancer/app/'))
    throw fields.refuse('IntegrationTarget', `must be an application load balancer here, got ${loadBalancerArn}`);
  // The host's name is told to the targets; where the request goes, the target says.
  const [, port, path] = /^http:\/\/[^/:]+(?::(\d+))?(\/.*)?$/.exec(fields.requiredText('Uri')) ?? [];
  return {
    type: 'HTTP_PROXY',
    loadBalancerArn,
    port: Number(port ?? 80),
    path: path ?? '/',
    headers: readHeaders(fields),
    timeoutMs: fields.integer('TimeoutInMillis', { min: 50, max: longestMs }) ?? longestMs,
  };
};

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const mappedValue = (
  source: string,
  { userArn }: GatewayOptions,
  { request, method, apiKey }: RoutedExchange,
): string => {
  if (source === 'context.requestId') return request.requestId;
  if (source === 'context.identity.userArn') return method.authorization === 'AWS_IAM' ? userArn(request) : '';
  if (source === 'context.identity.apiKeyId') return apiKey?.id ?? '';
  return source.slice(1, -1);
};

/** The request as it goes on: every header of the caller's, then those that are mapped, which the caller cannot set. */
export const privateRequest = (
  options: GatewayOptions,
  exchange: RoutedExchange,
  { loadBalancerArn, port, path, headers, timeoutMs }: PrivateIntegration,
  body: Uint8Array,
): BalancedRequest => {
  const { request, match } = exchange;
  const filled = path.replace(/\{([^}+]+)\+?\}/g, (_whole, name: string) => encoded(match.pathParameters[name] ?? ''));
  const mapped = Object.entries(headers).map(
    ([name, source]) => [name, mappedValue(source, options, exchange)] as const,
  );
  return {
    loadBalancerArn,
    port,
    method: request.method,
    target: `${filled}${request.url.search}`,
    headers: { ...request.headers, ...Object.fromEntries(mapped) },
    body,
    timeoutMs,
  };
};
