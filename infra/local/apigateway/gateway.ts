import type { AwsError, ServiceContext, WireRequest, WireResponse } from '../contracts.ts';
import { API_PATH_PREFIX, type ApiHandler } from '../dispatcher.ts';
import type { Forward } from '../elbv2/forward.ts';
import type { Filter } from '../wafv2/service.ts';
import { writeAccessLog } from './access-log.ts';
import type { ApiStore } from './api-store.ts';
import { createAuthorization } from './authorize.ts';
import type { Exchange, RoutedExchange } from './exchange.ts';
import { putGatewayMetrics } from './gateway-metrics.ts';
import { integrate } from './integrate.ts';
import type { MethodSetting, StageRecord } from './records.ts';
import { filtered, inOwnForm, missingToken, refusal } from './refusal.ts';
import { matchRoute } from './route-matching.ts';
import { createThrottle } from './throttle.ts';
import { refusedByThrottle, refusedByUsage } from './usage.ts';

export interface GatewayOptions {
  readonly context: ServiceContext;
  readonly store: ApiStore;
  /** ARN of the caller's identity, e.g. an assumed role with its session. */
  readonly userArn: (request: WireRequest) => string;
  /** Sends a request to a load balancer; without one, private integrations answer 500. */
  readonly forward?: Forward | undefined;
  /** What a web application firewall says of a request to a stage. @default it lets everything through */
  readonly filter?: Filter | undefined;
  /** See `ThrottleOptions`. */
  readonly machineNowMs?: (() => number) | undefined;
}

/** Of every caller. */
const SOURCE_IP = '127.0.0.1';

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

const refusedByParameters = ({ match, request, method }: RoutedExchange): WireResponse | undefined => {
  const missing = method.requiredParameters
    .map((parameter) => parameter.replace('method.request.', ''))
    .filter((parameter) => {
      const [place = '', name = ''] = parameter.split(/\.(.*)/);
      if (place === 'querystring') return !request.url.searchParams.has(name);
      if (place === 'header') return request.headers[name.toLowerCase()] === undefined;
      return match.pathParameters[name] === undefined;
    })
    .map((parameter) => parameter.split('.').slice(1).join('.'));
  if (missing.length === 0) return undefined;
  return refusal(400, 'BadRequestException', `Missing required request parameters: [${missing.join(', ')}]`);
};

/** Before anything else is looked at: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html */
const isBlocked = ({ partition, region }: ServiceContext, { apiId, name }: StageRecord, filter: Filter): boolean =>
  filter(`arn:${partition}:apigateway:${region}::/restapis/${apiId}/stages/${name}`, SOURCE_IP) === 'blocked';

/** Finds resource and method, and notes what the stage sets for them. @returns undefined when there are none */
const route = (store: ApiStore, exchange: Exchange): RoutedExchange | undefined => {
  const { request, stage, path } = exchange;
  const match = matchRoute(store.deployments.get(stage.deploymentId)?.routes ?? [], path);
  const method = match?.route.methods[request.method] ?? match?.route.methods.ANY;
  if (match === undefined || method === undefined) return undefined;
  return Object.assign(exchange, { match, method, setting: settingFor(stage, match.route, request.method) });
};

/** Serves `/_apis/<api>/<stage>/…`: matching, authorisation, throttling and the integrations of deployed REST APIs. */
export const createGateway = (options: GatewayOptions): ApiHandler => {
  const { store, context, machineNowMs, filter } = options;
  const { clock } = context;
  const throttle = createThrottle({ clock, machineNowMs });
  const authorization = createAuthorization(options);

  const serve = async (exchange: Exchange, signatureRefusal: AwsError | undefined): Promise<WireResponse> => {
    const routed = route(store, exchange);
    if (routed === undefined) return missingToken();
    return (
      (await authorization.refuse(routed, signatureRefusal)) ??
      refusedByUsage({ store, clock, throttle }, routed) ??
      refusedByThrottle(throttle, routed) ??
      refusedByParameters(routed) ??
      integrate(options, routed)
    );
  };

  return async (request, signatureRefusal) => {
    const startedAtMs = clock.nowMs();
    const [apiId = '', stageName = '', ...rest] = request.url.pathname.slice(API_PATH_PREFIX.length).split('/');
    const api = store.apis.get(apiId);
    const stage = store.stages.get(`${apiId}/${stageName}`);
    if (api === undefined || stage === undefined) return refusal(403, 'ForbiddenException', 'Forbidden');
    const path = rest.length === 0 ? '' : `/${rest.join('/')}`;
    const exchange: Exchange = { request, api, stage, path, startedAtMs };
    const blocked = filter !== undefined && isBlocked(context, stage, filter);
    const response = inOwnForm(store, api.id, blocked ? filtered() : await serve(exchange, signatureRefusal));
    putGatewayMetrics(context, exchange, response);
    writeAccessLog(options, exchange, response);
    return { ...response, headers: { 'x-amzn-requestid': request.requestId, ...response.headers } };
  };
};
