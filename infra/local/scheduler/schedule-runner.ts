import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext, type ServicePrincipal, type TimerHandle } from '../contracts.ts';
import { createDeliveryQueue, type Delivery, type DeliveryQueue } from '../events/delivery-queue.ts';
import { nextFireAfter, type StoredSchedule, scheduleKey } from './schedules.ts';

/**
 * Fires schedules. The next instant follows from the stored schedule and the clock, never from a stored timer, so a
 * restart continues; what was missed while the process was down fires once.
 */
export interface ScheduleRunner {
  /** Sets, moves or cancels the timer of a schedule, as it now stands; undefined when it was deleted. */
  readonly follow: (key: string, stored: StoredSchedule | undefined) => void;
  readonly start: () => void;
}

export interface ScheduleRunnerStore {
  readonly get: (key: string) => StoredSchedule | undefined;
  readonly put: (stored: StoredSchedule) => void;
  readonly remove: (key: string) => void;
  readonly all: () => readonly StoredSchedule[];
}

const ATTEMPT_NUMBER = '<aws.scheduler.attempt-number>';
const UNIVERSAL = /^arn:aws:scheduler:::aws-sdk:([a-z0-9-]+):([A-Za-z0-9]+)$/;
/** Universal targets name the SDK's service, which in a few cases is not the name of its endpoint. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  sfn: 'states',
  eventbridge: 'events',
  cloudwatch: 'monitoring',
};

const drawnDelayMs = (stored: StoredSchedule, atMs: number): number => {
  if (stored.flexibleMinutes === 0) return 0;
  // Drawn from the firing's identity: the same schedule at the same instant waits as long in every run.
  const drawn = createHash('sha256').update(`${stored.arn}:${atMs}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor((drawn * stored.flexibleMinutes * MINUTE_MS) / SECOND_MS) * SECOND_MS;
};

const schedulerTime = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');

const renderInput = (stored: StoredSchedule, atMs: number, executionId: string): string => {
  const input = stored.target.input ?? '{}';
  return input
    .replaceAll('<aws.scheduler.scheduled-time>', schedulerTime(atMs))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.schedule-arn>', stored.arn);
};

const toDelivery = (id: string, stored: StoredSchedule, atMs: number, nowMs: number): Delivery => {
  const { target } = stored;
  return {
    id,
    targetArn: target.arn,
    payload: renderInput(stored, atMs, id),
    roleArn: target.roleArn,
    createdAtMs: nowMs,
    attempts: 0,
    nextAtMs: Math.max(nowMs, atMs + drawnDelayMs(stored, atMs)),
    maximumRetryAttempts: target.maximumRetryAttempts,
    maximumEventAgeSeconds: target.maximumEventAgeSeconds,
    deadLetterArn: target.deadLetterArn,
    attributes: {
      SCHEDULE_ARN: stored.arn,
      TARGET_ARN: target.arn,
      SCHEDULED_TIME: schedulerTime(atMs),
      EXECUTION_ID: id,
      ...(target.eventBridge && { DETAIL_TYPE: target.eventBridge.detailType, SOURCE: target.eventBridge.source }),
    },
  };
};

const pascalCase = (action: string): string => action.charAt(0).toUpperCase() + action.slice(1);

/** Scheduler calls targets and dead-letter queues by the schedule's role. */
const asRole = ({ roleArn, attributes }: Delivery): ServicePrincipal => ({
  service: 'scheduler.amazonaws.com',
  ...(attributes.SCHEDULE_ARN === undefined ? {} : { sourceArn: attributes.SCHEDULE_ARN }),
  ...(roleArn === undefined ? {} : { roleArn }),
});

const deliverOnce = async (context: ServiceContext, delivery: Delivery, attempt: number): Promise<void> => {
  const payload = delivery.payload.replaceAll(ATTEMPT_NUMBER, String(attempt));
  const universal = UNIVERSAL.exec(delivery.targetArn);
  if (universal !== null) {
    const [, service = '', action = ''] = universal;
    const name = SERVICE_NAMES[service] ?? service;
    await context.ports.call(name, pascalCase(action), JSON.parse(payload), delivery.roleArn ?? '');
    return;
  }
  const { DETAIL_TYPE: detailType, SOURCE: source } = delivery.attributes;
  if (detailType === undefined || source === undefined) {
    const parameters = { deliveryId: delivery.id };
    return context.ports.deliver(delivery.targetArn, payload, parameters, asRole(delivery));
  }
  const busName = delivery.targetArn.split('/').at(-1) ?? '';
  context.ports.putEvent({ busName, source, detailType, detail: JSON.parse(payload) });
};

const createQueue = (context: ServiceContext, onEnd: (delivery: Delivery) => void): DeliveryQueue => {
  const count = (name: string, delivery: Delivery): void => {
    const group = delivery.attributes.SCHEDULE_ARN?.split('/').at(-2) ?? '';
    context.ports.putMetric({
      namespace: 'AWS/Scheduler',
      name,
      dimensions: { ScheduleGroup: group },
      value: 1,
      unit: 'Count',
    });
  };
  return createDeliveryQueue(context, {
    tableName: 'scheduler.deliveries',
    service: 'scheduler',
    sourceOf: ({ attributes }) => attributes.SCHEDULE_ARN?.split('/').at(-1) ?? '',
    deadLetterFrom: asRole,
    deliver: (delivery, attempt) => {
      count('InvocationAttemptCount', delivery);
      return deliverOnce(context, delivery, attempt);
    },
    onFailure: (delivery) => count('TargetErrorCount', delivery),
    onEnd: (delivery, outcome) => {
      if (outcome !== 'delivered') count('InvocationDroppedCount', delivery);
      if (outcome === 'dead-lettered') count('InvocationsSentToDeadLetterCount', delivery);
      onEnd(delivery);
    },
  });
};

export const createScheduleRunner = (context: ServiceContext, schedules: ScheduleRunnerStore): ScheduleRunner => {
  const { clock, store } = context;
  const timers = new Map<string, TimerHandle>();

  const nextOf = (stored: StoredSchedule): number | undefined =>
    // The instant of its creation counts: a rate without a start date fires at once.
    nextFireAfter(stored, stored.lastFireAtMs ?? stored.createdAtMs - 1);

  const queue = createQueue(context, ({ attributes }) => {
    const key = attributes.SCHEDULE_ARN?.split('/').slice(-2).join('/') ?? '';
    const stored = schedules.get(key);
    if (stored?.actionAfterCompletion === 'DELETE' && nextOf(stored) === undefined) schedules.remove(key);
  });

  const fire = (key: string, dueMs: number): void => {
    const stored = schedules.get(key);
    if (stored === undefined) return;
    const nowMs = clock.nowMs();
    let lastMs = dueMs;
    for (
      let next = nextFireAfter(stored, lastMs);
      next !== undefined && next <= nowMs;
      next = nextFireAfter(stored, lastMs)
    ) {
      lastMs = next;
    }
    const delivery = toDelivery(context.ids.uuid(), stored, lastMs, nowMs);
    const fired = { ...stored, lastFireAtMs: lastMs };
    store.transaction(() => {
      queue.store([delivery]);
      schedules.put(fired);
    });
    queue.schedule(delivery);
    follow(key, fired);
  };

  const follow = (key: string, stored: StoredSchedule | undefined): void => {
    timers.get(key)?.cancel();
    timers.delete(key);
    if (stored === undefined || stored.state === 'DISABLED') return;
    const nextMs = nextOf(stored);
    if (nextMs === undefined) return;
    timers.set(
      key,
      clock.at(nextMs, `schedule ${key}`, () => fire(key, nextMs)),
    );
  };

  return {
    follow,
    start: () => {
      queue.resume();
      for (const stored of schedules.all()) follow(scheduleKey(stored.groupName, stored.name), stored);
    },
  };
};

/** @throws AwsError ValidationException for an input that is not JSON where it must be */
export const checkTargetInputOf = (stored: StoredSchedule): void => {
  const mustBeJson = UNIVERSAL.test(stored.target.arn) || stored.target.eventBridge !== undefined;
  if (!mustBeJson || stored.target.input === undefined) return;
  try {
    JSON.parse(stored.target.input);
  } catch {
    throw new AwsError('ValidationException', `Target.Input must be JSON for ${stored.target.arn}`);
  }
};
