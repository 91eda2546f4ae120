import { Buffer } from 'node:buffer';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { Router } from './router.ts';

/** API Gateway's REST proxy event (payload 1.0), as far as we read it. */
export interface ApiGatewayEvent {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly requestId?: string;
    readonly extendedRequestId?: string;
    readonly identity?: { readonly userArn?: string | null; readonly apiKeyId?: string | null };
    /** Of a Lambda authoriser: `principalId` and the flat values of its context. */
    readonly authorizer?: Readonly<Record<string, unknown>> | null;
  };
}

export interface ApiGatewayResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const present = <T>(
  fields: Readonly<Record<string, T | undefined>> | null | undefined,
  nameOf: (name: string) => string,
): Record<string, T> => {
  const result: Record<string, T> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value !== undefined) result[nameOf(name)] = value;
  }
  return result;
};

export const requestOf = (event: ApiGatewayEvent): HttpRequest => {
  const authorizer = event.requestContext?.authorizer ?? undefined;
  const principal = event.requestContext?.identity?.userArn ?? authorizer?.principalId;
  return {
    method: event.httpMethod,
    path: event.path,
    query: present(event.queryStringParameters, (name) => name),
    queryLists: present(event.multiValueQueryStringParameters, (name) => name),
    headers: present(event.headers, (name) => name.toLowerCase()),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: event.requestContext?.requestId ?? 'unknown',
    ...(typeof principal === 'string' && principal !== '' ? { principal } : {}),
    ...(authorizer === undefined ? {} : { authorizer }),
  };
};

export const resultOf = ({ status, headers, body }: HttpResponse): ApiGatewayResult =>
  typeof body === 'string'
    ? { statusCode: status, headers, body, isBase64Encoded: false }
    : { statusCode: status, headers, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };

/** A Lambda handler that answers a REST API's proxy events by a router. */
export const createApiGatewayHandler =
  (router: Router) =>
  async (event: ApiGatewayEvent): Promise<ApiGatewayResult> =>
    resultOf(await router(requestOf(event)));
