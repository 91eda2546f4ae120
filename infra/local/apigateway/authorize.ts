import { SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type WireResponse } from '../contracts.ts';
import { evaluate } from '../iam/policy/evaluate.ts';
import { type CompiledStatement, compilePolicy } from '../iam/policy/policy-document.ts';
import { methodArn, type RoutedExchange } from './exchange.ts';
import type { GatewayOptions } from './gateway.ts';
import { requestParts } from './proxy-event.ts';
import type { AuthorizerRecord } from './records.ts';
import { missingToken, refusal } from './refusal.ts';

/** Who may call a method: anyone, a signer with the permission, or whom a Lambda authorizer lets through. */
export interface Authorization {
  refuse(exchange: RoutedExchange, signatureRefusal: AwsError | undefined): Promise<WireResponse | undefined>;
}

interface AuthorizerAnswer {
  readonly statements: readonly CompiledStatement[];
  /** `principalId` and the flat values of `context`. */
  readonly context: Readonly<Record<string, unknown>>;
}

const unauthorized = (): WireResponse => refusal(401, 'UnauthorizedException', 'Unauthorized');
const misconfigured = (): WireResponse => refusal(500, 'AuthorizerConfigurationException', null);

const denied = (explicitly: boolean): WireResponse =>
  refusal(
    403,
    'AccessDeniedException',
    `User is not authorized to access this resource${explicitly ? ' with an explicit deny' : ''}`,
  );

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value) || value === null;

/** @returns undefined when it is no answer of an authorizer */
const readAnswer = (payload: string): AuthorizerAnswer | undefined => {
  try {
    const { principalId, policyDocument, context = {} } = JSON.parse(payload) as Record<string, unknown>;
    if (typeof principalId !== 'string' || typeof context !== 'object' || context === null) return undefined;
    if (!Object.values(context).every(isScalar)) return undefined;
    return { statements: compilePolicy(policyDocument, 'identity'), context: { ...context, principalId } };
  } catch {
    return undefined;
  }
};

/** Value of an identity source such as `method.request.header.Authorization`. */
const identityValue = (source: string, { request, stage }: RoutedExchange): string | undefined => {
  const [place = '', name = ''] = source.replace('method.request.', '').split(/\.(.*)/);
  if (place === 'header') return request.headers[name.toLowerCase()];
  if (place === 'querystring') return request.url.searchParams.get(name) ?? undefined;
  if (place === 'stageVariables') return stage.variables[name];
  return undefined;
};

const authorizerEvent = (
  authorizer: AuthorizerRecord,
  options: GatewayOptions,
  exchange: RoutedExchange,
  identity: readonly (string | undefined)[],
): Readonly<Record<string, unknown>> => {
  const arn = methodArn(options.context, exchange, exchange.path);
  if (authorizer.type === 'TOKEN') return { type: 'TOKEN', methodArn: arn, authorizationToken: identity[0] };
  const { stage, match, path, request } = exchange;
  return {
    type: 'REQUEST',
    methodArn: arn,
    ...requestParts({ request, stage, match, path, context: options.context, userArn: undefined }),
  };
};

const requireInvoke = (options: GatewayOptions, exchange: RoutedExchange): WireResponse | undefined => {
  const { context } = options;
  try {
    const resource = methodArn(context, exchange, exchange.path);
    context.access.require({ principal: exchange.request.caller, action: 'execute-api:Invoke', resource });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return refusal(error.status, error.code, error.message);
  }
};

const createLambdaAuthorizer = (options: GatewayOptions) => {
  const { context, store } = options;
  const cache = new Map<string, { readonly answer: AuthorizerAnswer; readonly untilMs: number }>();

  const ask = async (
    authorizer: AuthorizerRecord,
    exchange: RoutedExchange,
    identity: readonly (string | undefined)[],
  ): Promise<AuthorizerAnswer | WireResponse> => {
    const { partition, region, accountId, ports } = context;
    const result = await ports.invokeFunction({
      functionName: authorizer.functionArn,
      payload: JSON.stringify(authorizerEvent(authorizer, options, exchange, identity)),
      invocationType: 'RequestResponse',
      principal: {
        service: 'apigateway.amazonaws.com',
        sourceArn: `arn:${partition}:execute-api:${region}:${accountId}:${authorizer.apiId}/authorizers/${authorizer.id}`,
      },
    });
    if (result.functionError === undefined) return readAnswer(result.payload) ?? misconfigured();
    // A function says so by failing with this very message.
    const { errorMessage } = JSON.parse(result.payload) as { readonly errorMessage?: string };
    return errorMessage === 'Unauthorized' ? unauthorized() : misconfigured();
  };

  const answerFor = async (
    authorizer: AuthorizerRecord,
    exchange: RoutedExchange,
  ): Promise<AuthorizerAnswer | WireResponse> => {
    const identity = authorizer.identitySources.map((source) => identityValue(source, exchange));
    const needsIdentity = authorizer.type === 'TOKEN' || authorizer.cacheSeconds > 0;
    if (needsIdentity && identity.some((value) => value === undefined || value === '')) return unauthorized();
    const { identityPattern } = authorizer;
    if (identityPattern !== undefined && !new RegExp(`^(?:${identityPattern})$`).test(identity[0] ?? '')) {
      return unauthorized();
    }
    const key = JSON.stringify([authorizer.id, exchange.stage.name, ...identity]);
    const kept = cache.get(key);
    if (kept !== undefined && context.clock.nowMs() < kept.untilMs) return kept.answer;
    const answer = await ask(authorizer, exchange, identity);
    if ('statements' in answer && authorizer.cacheSeconds > 0) {
      cache.set(key, { answer, untilMs: context.clock.nowMs() + authorizer.cacheSeconds * SECOND_MS });
    }
    return answer;
  };

  return async (exchange: RoutedExchange): Promise<WireResponse | undefined> => {
    const authorizer = store.authorizers.get(exchange.method.authorizerId ?? '');
    if (authorizer === undefined) return misconfigured();
    let answer: AuthorizerAnswer | WireResponse;
    try {
      answer = await answerFor(authorizer, exchange);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return misconfigured();
    }
    if (!('statements' in answer)) return answer;
    exchange.authorizer = answer.context;
    const decision = evaluate(
      {
        principal: { arns: [], accountId: context.accountId },
        action: 'execute-api:Invoke',
        resource: methodArn(context, exchange, exchange.path),
        values: () => undefined,
      },
      { identity: answer.statements, resource: undefined, resourceDecides: false },
    );
    return decision.allowed ? undefined : denied(decision.reason === 'identity-deny');
  };
};

export const createAuthorization = (options: GatewayOptions): Authorization => {
  const byFunction = createLambdaAuthorizer(options);
  return {
    refuse: async (exchange, signatureRefusal) => {
      const { authorization } = exchange.method;
      if (authorization === 'NONE') return undefined;
      if (authorization === 'CUSTOM') return byFunction(exchange);
      if (signatureRefusal === undefined) return requireInvoke(options, exchange);
      const { code, status, message } = signatureRefusal;
      return code === 'MissingAuthenticationTokenException' ? missingToken() : refusal(status, code, message);
    },
  };
};
