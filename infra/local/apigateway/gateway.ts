import { AwsError, type ServiceContext, type WireRequest, type WireResponse } from '../contracts.ts';
import { API_PATH_PREFIX, type ApiHandler } from '../server.ts';
import type { ApiStore } from './api-store.ts';
import { logTime, proxyEvent } from './proxy-event.ts';
import { isBinary, proxyResponse } from './proxy-response.ts';
import type { Integration, MethodRecord, MethodSetting, RestApiRecord, StageRecord } from './records.ts';
import { matchRoute, type RouteMatch } from './route-matching.ts';
import { createThrottle } from './throttle.ts';

export interface GatewayOptions {
  readonly context: ServiceContext;
  readonly store: ApiStore;
  /** ARN of the caller's identity, e.g. an assumed role with its session. */
  readonly userArn: (request: WireRequest) => string;
}

const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** A request as far as it was understood: what the metrics and the access log tell of it. */
interface Exchange {
  readonly request: WireRequest;
  readonly api: RestApiRecord;
  readonly stage: StageRecord;
  /** Below the stage. */
  readonly path: string;
  readonly startedAt: number;
  match?: RouteMatch;
  method?: MethodRecord;
  setting?: MethodSetting | undefined;
  integrationMs?: number;
}

const refusal = (status: number, type: string, message: string): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message }),
});

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const RESPONSE_TYPES: Readonly<Record<string, string>> = {
  BadRequestException: 'BAD_REQUEST_PARAMETERS',
  EndpointRequestTimedOutException: 'INTEGRATION_TIMEOUT',
  InternalServerErrorException: 'API_CONFIGURATION_ERROR',
  InvalidSignatureException: 'INVALID_SIGNATURE',
  MissingAuthenticationTokenException: 'MISSING_AUTHENTICATION_TOKEN',
  RequestTooLargeException: 'REQUEST_TOO_LARGE',
  TooManyRequestsException: 'THROTTLED',
};

const responseTypeOf = ({ status, headers }: WireResponse): string =>
  RESPONSE_TYPES[headers?.['x-amzn-errortype'] ?? ''] ?? `DEFAULT_${status < 500 ? '4' : '5'}XX`;

/** API Gateway's own refusals take the form that the API gave them; what a function answered stays as it is. */
const inOwnForm = (store: ApiStore, apiId: string, response: WireResponse): WireResponse => {
  if (response.headers?.['x-amzn-errortype'] === undefined || typeof response.body !== 'string') return response;
  const form = store.gatewayResponses.get(`${apiId}/DEFAULT_${response.status < 500 ? '4' : '5'}XX`);
  if (form === undefined) return response;
  const { message } = JSON.parse(response.body) as { readonly message: string };
  const body = form.template
    .replaceAll('$context.error.messageString', () => JSON.stringify(message))
    .replaceAll('$context.error.responseType', responseTypeOf(response));
  return { ...response, headers: { ...response.headers, 'content-type': form.contentType }, body };
};

const settingFor = (
  { methodSettings }: StageRecord,
  { path }: { readonly path: string },
  httpMethod: string,
): MethodSetting | undefined => {
  const methodMatches = (setting: MethodSetting): boolean =>
    setting.httpMethod === '*' || setting.httpMethod === httpMethod;
  return (
    methodSettings.find((setting) => setting.resourcePath === path && methodMatches(setting)) ??
    methodSettings.find((setting) => setting.resourcePath === '/*' && methodMatches(setting))
  );
};

const missingParameter = ({ match, request }: Exchange, { requiredParameters }: MethodRecord): string | undefined =>
  requiredParameters
    .map((parameter) => parameter.replace('method.request.', ''))
    .find((parameter) => {
      const [place = '', name = ''] = parameter.split(/\.(.*)/);
      if (place === 'querystring') return !request.url.searchParams.has(name);
      if (place === 'header') return request.headers[name.toLowerCase()] === undefined;
      return match?.pathParameters[name] === undefined;
    });

const mockResponse = (integration: Extract<Integration, { type: 'MOCK' }>): WireResponse => {
  const chosen =
    integration.responses.find(({ statusCode }) => statusCode === integration.statusCode) ?? integration.responses[0];
  return {
    status: Number(chosen?.statusCode ?? integration.statusCode),
    headers: { 'content-type': 'application/json', ...chosen?.headers },
    body: chosen?.body ?? '',
  };
};

const timeOut = (timeoutMs: number): { readonly promise: Promise<'timed out'>; readonly cancel: () => void } => {
  const { promise, resolve } = Promise.withResolvers<'timed out'>();
  const timer = setTimeout(() => resolve('timed out'), timeoutMs);
  return { promise, cancel: () => clearTimeout(timer) };
};

const readBody = async (request: WireRequest): Promise<Buffer | undefined> => {
  try {
    return await request.readBody(BODY_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof AwsError && error.status === 413) return undefined;
    throw error;
  }
};

const invoke = async (
  { context, userArn }: GatewayOptions,
  exchange: Exchange & { readonly match: RouteMatch; readonly method: MethodRecord },
  integration: Extract<Integration, { type: 'AWS_PROXY' }>,
): Promise<WireResponse> => {
  const { request, api, stage, path, match, method } = exchange;
  const body = await readBody(request);
  if (body === undefined) return refusal(413, 'RequestTooLargeException', 'Request Too Long');
  const event = proxyEvent({
    request,
    stage,
    match,
    method,
    path,
    body,
    binary: isBinary(api.binaryMediaTypes, request.headers['content-type']),
    accountId: context.accountId,
    region: context.region,
    userArn: method.authorization === 'AWS_IAM' ? userArn(request) : undefined,
    nowMs: context.clock.nowMs(),
  });
  const limit = timeOut(integration.timeoutMs);
  const startedAt = performance.now();
  try {
    const invocation = context.ports.invokeFunction({
      functionName: integration.functionArn,
      payload: JSON.stringify(event),
      invocationType: 'RequestResponse',
    });
    const result = await Promise.race([invocation, limit.promise]);
    if (result === 'timed out') {
      invocation.catch(() => undefined);
      return refusal(504, 'EndpointRequestTimedOutException', 'Endpoint request timed out');
    }
    const answer =
      result.functionError === undefined
        ? proxyResponse(result.payload, isBinary(api.binaryMediaTypes, request.headers.accept))
        : undefined;
    return answer ?? refusal(502, 'InternalServerErrorException', 'Internal server error');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    context.ports.log({
      level: 'warn',
      message: `REST API ${api.name} could not invoke ${integration.functionArn}: ${error.message}`,
    });
    if (error.code === 'RequestTooLargeException') return refusal(413, 'RequestTooLargeException', 'Request Too Long');
    return refusal(500, 'InternalServerErrorException', 'Internal server error');
  } finally {
    limit.cancel();
    exchange.integrationMs = performance.now() - startedAt;
  }
};

const putMetrics = ({ context }: GatewayOptions, exchange: Exchange, { status }: WireResponse): void => {
  const { api, stage, match, request, setting } = exchange;
  const byApi = { ApiName: api.name };
  const byStage = { ...byApi, Stage: stage.name };
  const dimensionSets: Readonly<Record<string, string>>[] = [byApi, byStage];
  if (setting?.metricsEnabled && match)
    dimensionSets.push({ ...byStage, Method: request.method, Resource: match.route.path });
  const values: readonly (readonly [name: string, value: number, unit: string])[] = [
    ['Count', 1, 'Count'],
    ['4XXError', status >= 400 && status < 500 ? 1 : 0, 'Count'],
    ['5XXError', status >= 500 ? 1 : 0, 'Count'],
    ['Latency', performance.now() - exchange.startedAt, 'Milliseconds'],
    ...(exchange.integrationMs === undefined
      ? []
      : [['IntegrationLatency', exchange.integrationMs, 'Milliseconds'] as const]),
  ];
  for (const [name, value, unit] of values) {
    for (const dimensions of dimensionSets)
      context.ports.putMetric({ namespace: 'AWS/ApiGateway', name, dimensions, value, unit });
  }
};

const writeAccessLog = ({ context, userArn }: GatewayOptions, exchange: Exchange, response: WireResponse): void => {
  const { request, api, stage, match } = exchange;
  if (stage.accessLog === undefined) return;
  const nowMs = context.clock.nowMs();
  const signed = exchange.method?.authorization === 'AWS_IAM';
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
    responseLatency: Math.round(performance.now() - exchange.startedAt),
    integrationLatency: exchange.integrationMs === undefined ? undefined : Math.round(exchange.integrationMs),
    requestTime: logTime(nowMs),
    requestTimeEpoch: nowMs,
    accountId: context.accountId,
    'identity.sourceIp': '127.0.0.1',
    'identity.userAgent': request.headers['user-agent'],
    'identity.caller': signed ? request.caller.accessKeyId : undefined,
    'identity.user': signed ? request.caller.accessKeyId : undefined,
    'identity.userArn': signed ? userArn(request) : undefined,
  };
  const message = stage.accessLog.format.replace(/\$context\.([A-Za-z.]+[A-Za-z])/g, (_match, name: string) =>
    String(variables[name] ?? '-'),
  );
  context.ports.putLogLine({
    logGroup: stage.accessLog.logGroup,
    logStream: `${api.id}-${stage.name}`,
    atMs: nowMs,
    message,
  });
};

const missingToken = (): WireResponse =>
  refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');

/** Serves `/_apis/<api>/<stage>/…`: matching, authorisation, throttling and the integrations of deployed REST APIs. */
export const createGateway = (options: GatewayOptions): ApiHandler => {
  const { store } = options;
  const throttle = createThrottle(options.context.clock);

  const serve = async (exchange: Exchange, signatureRefusal: AwsError | undefined): Promise<WireResponse> => {
    const { request, stage, path } = exchange;
    const routes = store.deployments.get(stage.deploymentId)?.routes ?? [];
    const match = matchRoute(routes, path);
    const method = match?.route.methods[request.method] ?? match?.route.methods.ANY;
    if (match === undefined || method === undefined) return missingToken();
    exchange.match = match;
    exchange.method = method;
    exchange.setting = settingFor(stage, match.route, request.method);
    if (method.authorization === 'AWS_IAM' && signatureRefusal) {
      return refusal(signatureRefusal.status, signatureRefusal.code, signatureRefusal.message);
    }
    if (!throttle.admit(stage, exchange.setting)) return refusal(429, 'TooManyRequestsException', 'Too Many Requests');
    const missing = missingParameter(exchange, method);
    if (missing !== undefined) {
      return refusal(
        400,
        'BadRequestException',
        `Missing required request parameters: [${missing.split('.').slice(1).join('.')}]`,
      );
    }
    const { integration } = method;
    return integration.type === 'MOCK'
      ? mockResponse(integration)
      : invoke(options, Object.assign(exchange, { match, method }), integration);
  };

  return async (request, signatureRefusal) => {
    const startedAt = performance.now();
    const [apiId = '', stageName = '', ...rest] = request.url.pathname.slice(API_PATH_PREFIX.length).split('/');
    const api = store.apis.get(apiId);
    const stage = store.stages.get(`${apiId}/${stageName}`);
    if (api === undefined || stage === undefined) return refusal(403, 'ForbiddenException', 'Forbidden');
    const path = rest.length === 0 ? '' : `/${rest.join('/')}`;
    const exchange: Exchange = { request, api, stage, path, startedAt };
    const response = inOwnForm(store, api.id, await serve(exchange, signatureRefusal));
    putMetrics(options, exchange, response);
    writeAccessLog(options, exchange, response);
    return { ...response, headers: { 'x-amzn-requestid': request.requestId, ...response.headers } };
  };
};
