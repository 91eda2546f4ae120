import type { WireResponse } from '../contracts.ts';
import type { ApiStore } from './api-store.ts';

/** API Gateway's own answers, which are no answers of a function. */

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export const RESPONSE_TYPES = [
  'ACCESS_DENIED',
  'API_CONFIGURATION_ERROR',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** Which type an error of this name is of. */
const TYPE_OF_ERROR: Readonly<Record<string, ResponseType>> = {
  AccessDeniedException: 'ACCESS_DENIED',
  AuthorizerConfigurationException: 'AUTHORIZER_CONFIGURATION_ERROR',
  BadRequestException: 'BAD_REQUEST_PARAMETERS',
  EndpointRequestTimedOutException: 'INTEGRATION_TIMEOUT',
  ExpiredTokenException: 'EXPIRED_TOKEN',
  ForbiddenException: 'INVALID_API_KEY',
  InternalServerErrorException: 'API_CONFIGURATION_ERROR',
  InvalidSignatureException: 'INVALID_SIGNATURE',
  LimitExceededException: 'QUOTA_EXCEEDED',
  MissingAuthenticationTokenException: 'MISSING_AUTHENTICATION_TOKEN',
  RequestTooLargeException: 'REQUEST_TOO_LARGE',
  TooManyRequestsException: 'THROTTLED',
  UnauthorizedException: 'UNAUTHORIZED',
  WafFilteredException: 'WAF_FILTERED',
};

export const refusal = (status: number, errorType: string, message: string | null): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': errorType },
  body: JSON.stringify({ message }),
});

/** What a web application firewall blocked. */
export const filtered = (): WireResponse => refusal(403, 'WafFilteredException', 'Forbidden');

export const isRefusal = ({ headers, body }: WireResponse): boolean =>
  headers?.['x-amzn-errortype'] !== undefined && typeof body === 'string';

export const missingToken = (): WireResponse =>
  refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');

const defaultType = (status: number): ResponseType => `DEFAULT_${status < 500 ? '4' : '5'}XX`;

export const responseTypeOf = ({ status, headers }: WireResponse): ResponseType =>
  TYPE_OF_ERROR[headers?.['x-amzn-errortype'] ?? ''] ?? defaultType(status);

/** A refusal takes the form that the API gave its type; what a function answered stays as it is. */
export const inOwnForm = (store: ApiStore, apiId: string, response: WireResponse): WireResponse => {
  if (!isRefusal(response)) return response;
  const type = responseTypeOf(response);
  const form =
    store.gatewayResponses.get(`${apiId}/${type}`) ??
    store.gatewayResponses.get(`${apiId}/${defaultType(response.status)}`);
  if (form === undefined) return response;
  const { message } = JSON.parse(String(response.body)) as { readonly message: string | null };
  const body = form.template
    ?.replaceAll('$context.error.messageString', () => JSON.stringify(message))
    .replaceAll('$context.error.message', () => message ?? '')
    .replaceAll('$context.error.responseType', type);
  return {
    status: form.statusCode ?? response.status,
    headers: {
      ...response.headers,
      ...(form.contentType === undefined ? {} : { 'content-type': form.contentType }),
      ...form.headers,
    },
    body: body ?? String(response.body),
  };
};
