import { SECOND_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext, WireRequest } from '../contracts.ts';
import type { ApiKeyRecord, StageRecord } from './records.ts';
import type { RouteMatch } from './route-matching.ts';

export interface RequestPartsOptions {
  readonly request: WireRequest;
  readonly stage: StageRecord;
  readonly match: RouteMatch;
  /** Path below the stage, percent-encoded. */
  readonly path: string;
  readonly context: ServiceContext;
  /** The caller's identity when the method asks for a signature. */
  readonly userArn: string | undefined;
  readonly apiKey?: ApiKeyRecord | undefined;
  /** What a Lambda authorizer said of the caller. */
  readonly authorizer?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProxyEventOptions extends RequestPartsOptions {
  readonly body: Buffer;
  readonly binary: boolean;
}

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length === 0 ? null : value);

const multiValue = (pairs: Iterable<readonly [string, string]>): Record<string, string[]> => {
  // A map, so that a parameter may be called `constructor` or `__proto__`.
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
};

const lastOf = (values: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) ?? '']));

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const writeTime = (atMs: number): string => {
  const date = new Date(atMs);
  const iso = date.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
};

let written = { second: Number.NaN, text: '' };

/** `12/Mar/2001:19:03:58 +0000`. */
export const logTime = (atMs: number): string => {
  const second = Math.floor(atMs / SECOND_MS);
  if (second !== written.second) written = { second, text: writeTime(atMs) };
  return written.text;
};

const identityOf = ({
  request,
  userArn,
  apiKey,
  context: { accountId },
}: RequestPartsOptions): Readonly<Record<string, unknown>> => ({
  cognitoIdentityPoolId: null,
  cognitoIdentityId: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  principalOrgId: null,
  accountId: userArn === undefined ? null : accountId,
  caller: userArn === undefined ? null : request.caller.accessKeyId,
  accessKey: userArn === undefined ? null : request.caller.accessKeyId,
  user: userArn === undefined ? null : request.caller.accessKeyId,
  userArn: userArn ?? null,
  sourceIp: '127.0.0.1',
  userAgent: request.headers['user-agent'] ?? null,
  ...(apiKey === undefined ? {} : { apiKey: apiKey.value, apiKeyId: apiKey.id }),
});

/** What the events of integrations and authorizers have in common. */
export const requestParts = (options: RequestPartsOptions): Readonly<Record<string, unknown>> => {
  const { request, stage, match, path, context, authorizer } = options;
  const nowMs = context.clock.nowMs();
  const { headers, method, url, requestId } = request;
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const query = multiValue(url.searchParams);
  const domainName = `${stage.apiId}.execute-api.${context.region}.amazonaws.com`;
  return {
    resource: match.route.path,
    path: path === '' ? '/' : path,
    httpMethod: method,
    headers,
    multiValueHeaders,
    queryStringParameters: orNull(lastOf(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(match.pathParameters),
    stageVariables: orNull(stage.variables),
    requestContext: {
      resourceId: match.route.resourceId,
      resourcePath: match.route.path,
      httpMethod: method,
      extendedRequestId: requestId,
      requestId,
      requestTime: logTime(nowMs),
      requestTimeEpoch: nowMs,
      path: `/${stage.name}${path}`,
      accountId: context.accountId,
      protocol: 'HTTP/1.1',
      stage: stage.name,
      domainPrefix: stage.apiId,
      domainName,
      apiId: stage.apiId,
      identity: identityOf(options),
      ...(authorizer === undefined ? {} : { authorizer }),
    },
  };
};

/** The event of a Lambda proxy integration, format 1.0. */
export const proxyEvent = (options: ProxyEventOptions): Readonly<Record<string, unknown>> => {
  const { body, binary } = options;
  return {
    ...requestParts(options),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
};
