import { AwsError, type ServiceContext, type WireResponse } from '../contracts.ts';
import { createBalancerMetrics } from './balancer-metrics.ts';
import { answeringTargets, chooseGroup, matchRule } from './choose-target.ts';
import type { LoopbackAnswer, LoopbackClient } from './loopback-http.ts';
import { type Action, type LoadBalancingTables, type Target, targetsOf } from './records.ts';
import type { TargetRegistry } from './target-registry.ts';

/** A request to a load balancer, as it leaves whoever sends it. */
export interface BalancedRequest {
  readonly loadBalancerArn: string;
  /** Of the listener. */
  readonly port: number;
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How long whoever sends it waits, in the machine's time. @default the load balancer's idle timeout, a minute */
  readonly timeoutMs?: number;
}

export type Forward = (request: BalancedRequest) => Promise<WireResponse>;

/** What a load balancer waits for a target; API Gateway gives up before. */
const IDLE_TIMEOUT_MS = 60_000;
/** Of one connection alone: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']);

const PAGES: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The load balancer's own refusals are pages, on AWS too. */
const page = (status: number): WireResponse => {
  const title = `${status} ${PAGES[status] ?? ''}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { server: 'awselb/2.0', 'content-type': 'text/html' }, body };
};

const endToEnd = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_HEADERS.has(name)
        ? []
        : [[name, typeof value === 'string' ? value : value.join(', ')]],
    ),
  );

interface ForwardDeps {
  readonly context: ServiceContext;
  readonly tables: LoadBalancingTables;
  readonly registry: TargetRegistry;
  readonly client: LoopbackClient;
}

const statusClass = (status: number): string => `HTTPCode_Target_${Math.floor(status / 100)}XX_Count`;

/** Sends requests through listeners, rules, weights and targets, and counts them as CloudWatch has them. */
export const createForward = ({ context, tables, registry, client }: ForwardDeps): Forward => {
  const { clock, ids } = context;
  const { count, countPerTarget, responseTime } = createBalancerMetrics(context);
  /** Whose turn it is in each group. */
  const turns = new Map<string, number>();

  const nextTarget = (targetGroupArn: string): Target | undefined => {
    const answering = answeringTargets(targetsOf(tables, targetGroupArn));
    const turn = turns.get(targetGroupArn) ?? 0;
    turns.set(targetGroupArn, turn + 1);
    return answering[turn % Math.max(1, answering.length)];
  };

  const ask = async (request: BalancedRequest, target: Target): Promise<LoopbackAnswer> => {
    const done = registry.answering(target);
    const { method, target: path, body, timeoutMs = IDLE_TIMEOUT_MS } = request;
    const headers = {
      ...endToEnd(request.headers),
      'content-length': String(body.length),
      'x-forwarded-proto': 'http',
    };
    try {
      return await clock.native('answer of a target', () =>
        client.send({ port: target.port, method, path, headers, body, timeoutMs }),
      );
    } finally {
      done();
    }
  };

  const toTarget = async (request: BalancedRequest, target: Target): Promise<WireResponse> => {
    const { loadBalancerArn } = request;
    const { targetGroupArn } = target;
    count('RequestCount', loadBalancerArn, targetGroupArn);
    countPerTarget({ loadBalancerArn, targetGroupArn }, answeringTargets(targetsOf(tables, targetGroupArn)).length);
    const startedAtMs = clock.nowMs();
    const answer = await ask(request, target);
    if (answer.kind === 'answered') {
      count(statusClass(answer.status), loadBalancerArn, targetGroupArn);
      responseTime({ loadBalancerArn, targetGroupArn }, (clock.nowMs() - startedAtMs) / 1_000);
      return { status: answer.status, headers: endToEnd(answer.headers), body: answer.body };
    }
    if (answer.kind === 'broken') count('TargetConnectionErrorCount', loadBalancerArn, targetGroupArn);
    count('HTTPCode_ELB_5XX_Count', loadBalancerArn);
    return page(answer.kind === 'broken' ? 502 : 504);
  };

  const act = (request: BalancedRequest, action: Action): Promise<WireResponse> | WireResponse => {
    if (action.type === 'fixed-response') {
      const contentType = action.contentType ?? 'text/plain';
      return {
        status: Number(action.statusCode),
        headers: { server: 'awselb/2.0', 'content-type': contentType },
        body: action.messageBody ?? '',
      };
    }
    const group = chooseGroup(action, ids.random());
    const target = group && nextTarget(group.targetGroupArn);
    if (target !== undefined) return toTarget(request, target);
    count('HTTPCode_ELB_5XX_Count', request.loadBalancerArn);
    return page(503);
  };

  return async (request) => {
    const listener = tables.listeners
      .entries()
      .map(([, one]) => one)
      .find(({ loadBalancerArn, port }) => loadBalancerArn === request.loadBalancerArn && port === request.port);
    if (listener === undefined)
      throw new AwsError('ListenerNotFound', `${request.loadBalancerArn} does not listen on port ${request.port}`);
    const rules = tables.rules
      .entries()
      .map(([, rule]) => rule)
      .filter(({ listenerArn }) => listenerArn === listener.arn);
    const path = request.target.split('?', 1)[0] ?? '/';
    return act(request, matchRule(rules, path)?.action ?? listener.defaultAction);
  };
};
