import type { WireRequest } from '../contracts.ts';
import type { MethodRecord, StageRecord } from './records.ts';
import type { RouteMatch } from './route-matching.ts';

export interface ProxyEventOptions {
  readonly request: WireRequest;
  readonly stage: StageRecord;
  readonly match: RouteMatch;
  readonly method: MethodRecord;
  /** Path below the stage, percent-encoded. */
  readonly path: string;
  readonly body: Buffer;
  readonly binary: boolean;
  readonly accountId: string;
  readonly region: string;
  /** The caller's identity when the method asks for a signature. */
  readonly userArn: string | undefined;
  readonly nowMs: number;
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

/** `12/Mar/2001:19:03:58 +0000`. */
export const logTime = (atMs: number): string => {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(new Date(atMs).toISOString()) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};

const identityOf = ({ request, userArn, accountId }: ProxyEventOptions): Readonly<Record<string, unknown>> => ({
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
});

/** The event of a Lambda proxy integration, format 1.0. */
export const proxyEvent = (options: ProxyEventOptions): Readonly<Record<string, unknown>> => {
  const { request, stage, match, path, body, binary, nowMs } = options;
  const { headers, method, url, requestId } = request;
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const query = multiValue(url.searchParams);
  const domainName = `${stage.apiId}.execute-api.${options.region}.amazonaws.com`;
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
      accountId: options.accountId,
      protocol: 'HTTP/1.1',
      stage: stage.name,
      domainPrefix: stage.apiId,
      domainName,
      apiId: stage.apiId,
      identity: identityOf(options),
    },
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
};
