import { Buffer } from 'node:buffer';
import type { InferenceAnswer, InferenceRequest } from '../../shared/core/inference/index.ts';
import type { ApiGatewayEvent, ApiGatewayResult } from '../../shared/http/index.ts';

type Headers = NonNullable<ApiGatewayEvent['headers']>;

const NO_FIELDS: Readonly<Record<string, string>> = {};

/** Names come in the sender's letters; few have the length of the one that is asked for. */
const headerIn = (headers: Headers, name: string): string | undefined => {
  for (const key in headers) {
    if (key.length === name.length && key.toLowerCase() === name) return headers[key];
  }
  return undefined;
};

/** An API's proxy event without its transport. Nothing of it is copied before somebody asks for it. */
export const inferenceRequestOf = (event: ApiGatewayEvent): InferenceRequest => {
  const { httpMethod: method, path, body, requestContext } = event;
  const { requestId, extendedRequestId, identity } = requestContext ?? {};
  const { userArn: principal, apiKeyId } = identity ?? {};
  return {
    method,
    path,
    query: (event.queryStringParameters as Readonly<Record<string, string>> | null | undefined) ?? NO_FIELDS,
    header: (name) => headerIn(event.headers ?? NO_FIELDS, name),
    body: event.isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
    requestId: requestId ?? 'unknown',
    // The other one a caller may choose: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    ...(extendedRequestId ? { uniqueId: extendedRequestId } : {}),
    ...(principal ? { principal } : {}),
    ...(apiKeyId ? { apiKeyId } : {}),
  };
};

export const gatewayResultOf = ({ status, headers, body }: InferenceAnswer): ApiGatewayResult =>
  typeof body === 'string'
    ? { statusCode: status, headers, body, isBase64Encoded: false }
    : {
        statusCode: status,
        headers,
        body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
        isBase64Encoded: true,
      };
