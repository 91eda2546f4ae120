import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type DeliveryFault, type ServiceContext, type ServicePrincipal } from '../contracts.ts';

/**
 * Durable deliveries to targets, at least once: a delivery is stored before anyone is told that it will happen, tried
 * with growing pauses until its attempts or its age end, then put on its dead-letter queue.
 */

export interface Delivery {
  readonly id: string;
  readonly targetArn: string;
  readonly payload: string;
  readonly roleArn?: string | undefined;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly nextAtMs: number;
  /** Set when a fault has held this delivery back: it is not asked for again. */
  readonly delayed?: boolean | undefined;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn?: string | undefined;
  /** Names of the message attributes on the dead letter, such as RULE_ARN. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RetryPolicy {
  readonly maximumRetryAttempts?: number | undefined;
  readonly maximumEventAgeSeconds?: number | undefined;
}

export const DEFAULT_RETRY_ATTEMPTS = 185;
export const DEFAULT_EVENT_AGE_SECONDS = 86_400;

export interface DeliveryQueue {
  /** Stores the deliveries; call `schedule` for each once the surrounding transaction is done. */
  readonly store: (deliveries: readonly Delivery[]) => void;
  readonly schedule: (delivery: Delivery) => void;
  /** Takes up what was stored before the process ended. */
  readonly resume: () => void;
}

export interface DeliveryQueueOptions {
  readonly tableName: string;
  /** Who hands over, for `faults.delivery`: the service's name, and the rule, subscription or schedule. */
  readonly service: string;
  readonly sourceOf: (delivery: Delivery) => string;
  /** Who writes to the dead-letter queue, whose policy or role must allow it. */
  readonly deadLetterFrom: (delivery: Delivery) => ServicePrincipal;
  readonly deliver: (delivery: Delivery, attemptNumber: number) => Promise<void>;
  /** Told when a delivery has ended, whatever the end. */
  readonly onEnd?: (delivery: Delivery, outcome: 'delivered' | 'dead-lettered' | 'dropped') => void;
  readonly onFailure?: (delivery: Delivery) => void;
  /** Pause before the next attempt, in milliseconds. @default exponential, as EventBridge's */
  readonly pauseMs?: (delivery: Delivery) => number;
  /** The error's code as the dead letter tells it. @default the code itself */
  readonly errorCode?: (code: string) => string;
  /** Whether the dead letter tells by its attributes what went wrong. @default true */
  readonly explainsDeadLetter?: boolean;
  /** What the dead letter says. @default the payload */
  readonly deadLetterBody?: (delivery: Delivery) => string;
}

/** The target or the right to it is missing: trying again cannot help, and AWS does not. */
const PERMANENT =
  /AccessDenied|AuthorizationError|NotFound|DoesNotExist|InvalidParameter|ValidationException|NotSupported|Unsupported/;

const backoffMs = (delivery: Delivery): number => {
  const ceiling = Math.min(SECOND_MS * 2 ** Math.min(delivery.attempts, 20), 8 * MINUTE_MS);
  // Jitter drawn from what a replay has in common with the first run, unlike the delivery's random id.
  const seed = `${delivery.targetArn}:${delivery.createdAtMs}:${delivery.attempts}`;
  const drawn = createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(ceiling * (0.5 + drawn / 2));
};

const codeOf = (error: unknown): string => {
  if (error instanceof AwsError) return error.code;
  return error instanceof Error ? error.name : 'Error';
};

const exhaustedBy = (delivery: Delivery, nextAtMs: number): string | undefined => {
  if (delivery.attempts > delivery.maximumRetryAttempts) return 'MaximumRetryAttempts';
  if (nextAtMs > delivery.createdAtMs + delivery.maximumEventAgeSeconds * SECOND_MS) return 'MaximumEventAgeInSeconds';
  return undefined;
};

const deadLetterAttributes = (
  delivery: Delivery,
  error: unknown,
  condition: string | undefined,
  { errorCode = (code) => code }: DeliveryQueueOptions,
) => {
  const values: Readonly<Record<string, string | undefined>> = {
    ...delivery.attributes,
    ERROR_CODE: errorCode(codeOf(error)),
    ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
    EXHAUSTED_RETRY_CONDITION: condition,
    RETRY_ATTEMPTS: String(delivery.attempts - 1),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]));
};

export const createDeliveryQueue = (context: ServiceContext, options: DeliveryQueueOptions): DeliveryQueue => {
  const { clock, ids, store } = context;
  const table = store.table<Delivery>(options.tableName);
  // Deliveries with a timer or in progress: one made before `resume`, while resources are provisioned, is among them.
  const pending = new Set<string>();

  const end = (delivery: Delivery, outcome: 'delivered' | 'dead-lettered' | 'dropped'): void => {
    pending.delete(delivery.id);
    store.transaction(() => {
      table.delete(delivery.id);
      options.onEnd?.(delivery, outcome);
    });
  };

  const giveUp = async (delivery: Delivery, error: unknown, condition: string | undefined): Promise<void> => {
    const message = error instanceof Error ? error.message : String(error);
    if (delivery.deadLetterArn === undefined) {
      context.ports.log({ level: 'error', message: 'delivery dropped', targetArn: delivery.targetArn, error: message });
      return end(delivery, 'dropped');
    }
    const explained = options.explainsDeadLetter ?? true;
    const attributes = explained ? deadLetterAttributes(delivery, error, condition, options) : {};
    try {
      const body = options.deadLetterBody?.(delivery) ?? delivery.payload;
      const from = options.deadLetterFrom(delivery);
      await context.ports.deliver(delivery.deadLetterArn, body, { MessageAttributes: attributes }, from);
      end(delivery, 'dead-lettered');
    } catch (failure) {
      context.ports.log({
        level: 'error',
        message: 'dead letter dropped',
        queue: delivery.deadLetterArn,
        error: String(failure),
      });
      end(delivery, 'dropped');
    }
  };

  const faultOf = (delivery: Delivery): DeliveryFault | undefined => {
    if (delivery.delayed === true) return undefined;
    const { service, sourceOf } = options;
    return context.faults.delivery({ service, source: sourceOf(delivery), targetArn: delivery.targetArn });
  };

  const later = (delivery: Delivery): void => {
    table.put(delivery.id, delivery);
    pending.delete(delivery.id);
    schedule(delivery);
  };

  const handOver = async (delivery: Delivery, fault: DeliveryFault | undefined): Promise<void> => {
    if (fault?.kind === 'reject') throw new AwsError('InternalFailure', 'the target could not be reached', 500);
    await options.deliver(delivery, delivery.attempts);
    // At least once: the second delivery has nothing in common with the first by which a target could tell it.
    if (fault?.kind === 'duplicate') await options.deliver({ ...delivery, id: ids.uuid() }, delivery.attempts);
  };

  const attempt = async (id: string): Promise<void> => {
    const stored = table.get(id);
    if (stored === undefined) return;
    const fault = faultOf(stored);
    if (fault?.kind === 'delay') return later({ ...stored, delayed: true, nextAtMs: clock.nowMs() + fault.delayMs });
    const delivery = { ...stored, attempts: stored.attempts + 1 };
    try {
      await handOver(delivery, fault);
      end(delivery, 'delivered');
    } catch (error) {
      options.onFailure?.(delivery);
      const next = { ...delivery, nextAtMs: clock.nowMs() + (options.pauseMs ?? backoffMs)(delivery) };
      const permanent = PERMANENT.test(codeOf(error));
      const condition = permanent ? undefined : exhaustedBy(delivery, next.nextAtMs);
      if (permanent || condition !== undefined) return giveUp(delivery, error, condition);
      later(next);
    }
  };

  const schedule = (delivery: Delivery): void => {
    if (pending.has(delivery.id)) return;
    pending.add(delivery.id);
    clock.at(delivery.nextAtMs, `deliver ${delivery.id}`, () =>
      clock.during(`deliver ${delivery.id}`, () => attempt(delivery.id)),
    );
  };

  return {
    store: (deliveries) => {
      for (const delivery of deliveries) table.put(delivery.id, delivery);
    },
    schedule,
    resume: () => {
      for (const [, delivery] of table.entries()) schedule(delivery);
    },
  };
};
