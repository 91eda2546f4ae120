import { AwsError, type LocalClock, type WireRequest, type WireResponse } from '../contracts.ts';
import { methodArn, type RoutedExchange } from './exchange.ts';
import type { GatewayOptions } from './gateway.ts';
import { privateRequest } from './private-integration.ts';
import { proxyEvent } from './proxy-event.ts';
import { isBinary, proxyResponse } from './proxy-response.ts';
import type { Integration } from './records.ts';
import { refusal } from './refusal.ts';

/** What stands behind a method. */

/** Who says so in an answer of its own. */
const LOAD_BALANCER = 'awselb/2.0';
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

const mockResponse = (integration: Extract<Integration, { type: 'MOCK' }>): WireResponse => {
  const chosen =
    integration.responses.find(({ statusCode }) => statusCode === integration.statusCode) ?? integration.responses[0];
  return {
    status: Number(chosen?.statusCode ?? integration.statusCode),
    headers: { 'content-type': 'application/json', ...chosen?.headers },
    body: chosen?.body ?? '',
  };
};

const timeOut = (
  clock: LocalClock,
  timeoutMs: number,
): { readonly promise: Promise<'timed out'>; readonly cancel: () => void } => {
  const { promise, resolve } = Promise.withResolvers<'timed out'>();
  const timer = clock.at(clock.nowMs() + timeoutMs, 'integration time-out', () => resolve('timed out'));
  return { promise, cancel: timer.cancel };
};

const tooLarge = (): WireResponse => refusal(413, 'RequestTooLargeException', 'Request Too Long');

const readBody = async (request: WireRequest): Promise<Buffer | undefined> => {
  try {
    return await request.readBody(BODY_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof AwsError && error.status === 413) return undefined;
    throw error;
  }
};

const eventOf = ({ context, userArn }: GatewayOptions, exchange: RoutedExchange, body: Buffer): string => {
  const { request, api, stage, path, match, method, apiKey, authorizer } = exchange;
  const binary = isBinary(api.binaryMediaTypes, request.headers['content-type']);
  const signer = method.authorization === 'AWS_IAM' ? userArn(request) : undefined;
  return JSON.stringify(
    proxyEvent({ request, stage, match, path, body, binary, context, userArn: signer, apiKey, authorizer }),
  );
};

/** A function that takes too long goes on; only its answer comes too late. */
const invoke = async (
  options: GatewayOptions,
  exchange: RoutedExchange,
  { functionArn, timeoutMs }: Extract<Integration, { type: 'AWS_PROXY' }>,
): Promise<WireResponse> => {
  const { context } = options;
  const { request, api, match } = exchange;
  const body = await readBody(request);
  if (body === undefined) return tooLarge();
  const payload = eventOf(options, exchange, body);
  const limit = timeOut(context.clock, timeoutMs);
  const startedAtMs = context.clock.nowMs();
  try {
    const invocation = context.ports.invokeFunction({
      functionName: functionArn,
      payload,
      invocationType: 'RequestResponse',
      principal: { service: 'apigateway.amazonaws.com', sourceArn: methodArn(context, exchange, match.route.path) },
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
    const message = `REST API ${api.name} could not invoke ${functionArn}: ${error.message}`;
    context.ports.log({ level: 'warn', message });
    if (error.code === 'RequestTooLargeException') return tooLarge();
    return refusal(500, 'InternalServerErrorException', 'Internal server error');
  } finally {
    limit.cancel();
    exchange.integrationMs = context.clock.nowMs() - startedAtMs;
  }
};

/** A program that takes too long goes on; only its answer comes too late. */
const forwardPrivately = async (
  options: GatewayOptions,
  exchange: RoutedExchange,
  integration: Extract<Integration, { type: 'HTTP_PROXY' }>,
): Promise<WireResponse> => {
  const { context, forward } = options;
  const body = await readBody(exchange.request);
  if (body === undefined) return tooLarge();
  const startedAtMs = context.clock.nowMs();
  try {
    if (forward === undefined) throw new AwsError('InternalFailure', 'no load balancer is connected');
    const answer = await forward(privateRequest(options, exchange, integration, body));
    // A load balancer waits for longer than API Gateway does: it was this one that gave up.
    const timedOut = answer.status === 504 && answer.headers?.server === LOAD_BALANCER;
    return timedOut ? refusal(504, 'EndpointRequestTimedOutException', 'Endpoint request timed out') : answer;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = `REST API ${exchange.api.name} could not reach ${integration.loadBalancerArn}: ${error.message}`;
    context.ports.log({ level: 'warn', message });
    return refusal(500, 'InternalServerErrorException', 'Internal server error');
  } finally {
    exchange.integrationMs = context.clock.nowMs() - startedAtMs;
  }
};

export const integrate = (options: GatewayOptions, exchange: RoutedExchange): Promise<WireResponse> | WireResponse => {
  const { integration } = exchange.method;
  if (integration.type === 'HTTP_PROXY') return forwardPrivately(options, exchange, integration);
  return integration.type === 'MOCK' ? mockResponse(integration) : invoke(options, exchange, integration);
};
