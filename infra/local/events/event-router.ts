import type { ServiceContext, ServicePrincipal } from '../contracts.ts';
import {
  createDeliveryQueue,
  DEFAULT_EVENT_AGE_SECONDS,
  DEFAULT_RETRY_ATTEMPTS,
  type Delivery,
  type DeliveryQueue,
} from './delivery-queue.ts';
import { createRuleBook, type RuleBook } from './rule-book.ts';
import { createRuleSchedules } from './rule-schedules.ts';
import { type Rule, type RuleTarget, ruleKey } from './rules.ts';
import { renderTargetInput } from './target-input.ts';

/** The event as targets see it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

interface NewEvent {
  readonly busName: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[] | undefined;
  readonly atMs?: number | undefined;
}

export interface EventRouter {
  readonly book: RuleBook;
  /** Durable when it returns; delivery follows. @returns the event's id @throws AwsError for an unknown bus */
  readonly put: (event: NewEvent) => string;
  /** An event that another bus forwards, unchanged. */
  readonly forward: (busName: string, event: EventEnvelope) => void;
  readonly start: () => void;
}

const NAMESPACE = 'AWS/Events';

const ruleNameOf = (delivery: Delivery): string => delivery.attributes.RULE_ARN?.split('/').at(-1) ?? '';

/** EventBridge in the name of a rule, as resource policies know it. */
const ruleItself = ({ attributes }: Delivery): ServicePrincipal => ({
  service: 'events.amazonaws.com',
  ...(attributes.RULE_ARN === undefined ? {} : { sourceArn: attributes.RULE_ARN }),
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const ERROR_CODES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/AccessDenied|AuthorizationError/, 'NO_PERMISSIONS'],
  [/NotFound|DoesNotExist/, 'NO_RESOURCE'],
  [/Throttl|TooManyRequests|SlowDown/, 'THROTTLING'],
  [/LimitExceeded/, 'RESOURCE_LIMIT_EXCEEDED'],
  [/Invalid|Validation/, 'INVALID_PARAMETER'],
  [/InternalFailure|ServiceException|InternalError/, 'INTERNAL_ERROR'],
];

const ruleErrorCode = (code: string): string =>
  ERROR_CODES.find(([pattern]) => pattern.test(code))?.[1] ?? 'ERROR_FROM_TARGET';

const createRuleDeliveries = (context: ServiceContext, count: (name: string, rule: string) => void): DeliveryQueue =>
  createDeliveryQueue(context, {
    tableName: 'events.deliveries',
    service: 'events',
    sourceOf: ruleNameOf,
    deadLetterFrom: ruleItself,
    errorCode: ruleErrorCode,
    deliver: (delivery) => {
      count('Invocations', ruleNameOf(delivery));
      const { roleArn } = delivery;
      const from = { ...ruleItself(delivery), ...(roleArn === undefined ? {} : { roleArn }) };
      return context.ports.deliver(delivery.targetArn, delivery.payload, { deliveryId: delivery.id }, from);
    },
    onEnd: (delivery, outcome) => {
      if (outcome !== 'delivered') count('FailedInvocations', ruleNameOf(delivery));
      if (outcome === 'dead-lettered') count('InvocationsSentToDlq', ruleNameOf(delivery));
    },
  });

export const createEventRouter = (context: ServiceContext): EventRouter => {
  const { clock, store } = context;

  const count = (name: string, rule: string): void =>
    context.ports.putMetric({ namespace: NAMESPACE, name, dimensions: { RuleName: rule }, value: 1, unit: 'Count' });
  const queue = createRuleDeliveries(context, count);

  const deliveryFor = (rule: Rule, target: RuleTarget, event: EventEnvelope): Delivery => ({
    id: context.ids.uuid(),
    targetArn: target.arn,
    payload: renderTargetInput(
      target,
      { ...event },
      { ruleArn: rule.arn, ruleName: rule.name, ingestionTime: event.time },
    ),
    roleArn: target.roleArn ?? rule.roleArn,
    createdAtMs: clock.nowMs(),
    attempts: 0,
    nextAtMs: clock.nowMs(),
    maximumRetryAttempts: target.retryPolicy?.maximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
    maximumEventAgeSeconds: target.retryPolicy?.maximumEventAgeSeconds ?? DEFAULT_EVENT_AGE_SECONDS,
    deadLetterArn: target.deadLetterArn,
    attributes: { RULE_ARN: rule.arn, TARGET_ARN: target.arn },
  });

  const send = (rules: readonly Rule[], event: EventEnvelope, also: () => void = () => {}): void => {
    const deliveries = rules.flatMap((rule) => rule.targets.map((target) => deliveryFor(rule, target, event)));
    store.transaction(() => {
      queue.store(deliveries);
      also();
    });
    for (const rule of rules) count('TriggeredRules', rule.name);
    for (const delivery of deliveries) queue.schedule(delivery);
  };

  const envelope = (event: NewEvent): EventEnvelope => ({
    version: '0',
    id: context.ids.uuid(),
    'detail-type': event.detailType,
    source: event.source,
    account: context.accountId,
    // EventBridge's times are whole seconds.
    time: new Date(event.atMs ?? clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: context.region,
    resources: event.resources ?? [],
    detail: event.detail,
  });

  const schedules = createRuleSchedules(context, (rule, atMs) => {
    const event = envelope({
      busName: rule.busName,
      source: 'aws.events',
      detailType: 'Scheduled Event',
      detail: {},
      resources: [rule.arn],
      atMs,
    });
    // Read again: targets may have been put since the timer was set.
    const current = book.rule(rule.busName, rule.name);
    let fired = current;
    send([current], event, () => {
      fired = book.markFired(current, atMs);
    });
    return fired;
  });
  const book = createRuleBook(context, schedules.follow);

  return {
    book,
    put: (event) => {
      const { name } = book.buses.get(event.busName);
      const made = envelope(event);
      const rules = book.matching(name, made);
      if (rules.length > 0) send(rules, made);
      return made.id;
    },
    forward: (busName, event) => {
      const { name } = book.buses.get(busName);
      const rules = book.matching(name, event);
      if (rules.length > 0) send(rules, event);
    },
    start: () => {
      queue.resume();
      for (const rule of book.scheduled()) schedules.follow(ruleKey(rule.busName, rule.name), rule);
    },
  };
};
