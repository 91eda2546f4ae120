import { HOUR_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Message, MessageCounts, NewMessage } from './message.ts';
import { createMessageTable, type MessageEntry, receiptHandleFor } from './message-table.ts';
import type { Queue } from './queue.ts';
import { createQueueReporter } from './queue-reporter.ts';
import { createVisibilityWatch } from './visibility-watch.ts';

/** The durable messages of all queues. */
export interface MessageStore {
  readonly send: (queue: Queue, message: NewMessage) => Message;
  /** @throws AwsError OverLimit when as many as a queue may have are in flight */
  readonly receive: (queue: Queue, limits: ReceiveLimits) => readonly Message[];
  readonly delete: (queue: Queue, receiptHandle: string) => void;
  readonly changeVisibility: (queue: Queue, receiptHandle: string, seconds: number) => void;
  readonly clear: (queue: Queue) => void;
  readonly counts: (queue: Queue) => MessageCounts;
  /** Calls back whenever a message of the queue has become visible; the listener only takes note. @returns cancels */
  readonly watch: (queueName: string, told: () => void) => () => void;
  /** Resumes the metrics of queues that hold messages. */
  readonly start: (queues: readonly Queue[]) => void;
}

export interface ReceiveLimits {
  readonly max: number;
  readonly visibilitySeconds: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MOST_IN_FLIGHT = 120_000;
const LONGEST_HIDDEN_MS = 12 * HOUR_MS;

/** A message as its receive leaves it. */
const hidden = (message: Message, nowMs: number, seconds: number): Message => ({
  ...message,
  receiveCount: message.receiveCount + 1,
  firstReceivedAtMs: message.firstReceivedAtMs ?? nowMs,
  lastReceivedAtMs: nowMs,
  visibleAtMs: nowMs + seconds * SECOND_MS,
});

const inFlight = (entry: MessageEntry | undefined, nowMs: number): MessageEntry => {
  if (entry !== undefined && entry[1].visibleAtMs > nowMs) return entry;
  throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
};

const checkHidden = ({ lastReceivedAtMs }: Message, visibleAtMs: number, seconds: number): void => {
  if (visibleAtMs - (lastReceivedAtMs ?? visibleAtMs) <= LONGEST_HIDDEN_MS) return;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
  );
};

export const createMessageStore = (
  context: ServiceContext,
  queueByArn: (arn: string) => Queue | undefined,
  mostInFlight = MOST_IN_FLIGHT,
): MessageStore => {
  const { clock, ids, store } = context;
  const table = createMessageTable(context);
  const { report, reportMore } = createQueueReporter(context, table.counts);
  const { tellAt, watch } = createVisibilityWatch(context, report);

  const add = (queue: Queue, message: Message): void => {
    table.add(queue, message);
    reportMore(queue);
    tellAt(queue, message.visibleAtMs);
  };

  /** @returns whether the message went to the dead-letter queue instead of the receiver */
  const redriven = (queue: Queue, [key, message]: MessageEntry): boolean => {
    const { redrive } = queue.settings;
    if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = queueByArn(redrive.deadLetterArn);
    if (target === undefined) return false;
    const { receiptHandle: _old, ...rest } = message;
    store.transaction(() => {
      table.delete(queue, key);
      add(target, { ...rest, visibleAtMs: clock.nowMs(), receiveCount: 0, deadLetterSourceArn: queue.arn });
    });
    return true;
  };

  const take = (queue: Queue, [key, message]: MessageEntry, visibilitySeconds: number): Message => {
    const receiptHandle = receiptHandleFor(key, ids.uuid());
    const received = { ...hidden(message, clock.nowMs(), visibilitySeconds), receiptHandle };
    table.put(queue, key, received);
    return received;
  };

  const receive: MessageStore['receive'] = (queue, { max, visibilitySeconds }) => {
    const nowMs = clock.nowMs();
    const visible = table.current(queue).filter(([, message]) => message.visibleAtMs <= nowMs);
    if (visible.length === 0) return [];
    if (table.counts(queue).inFlight >= mostInFlight) {
      throw new AwsError('OverLimit', `Too many messages in flight for queue ${queue.name}`, 403);
    }
    const received: Message[] = [];
    for (const entry of visible) {
      if (received.length === max) break;
      if (!redriven(queue, entry)) received.push(take(queue, entry, visibilitySeconds));
    }
    report(queue);
    if (received.length > 0) tellAt(queue, nowMs + visibilitySeconds * SECOND_MS);
    return received;
  };

  const changeVisibility: MessageStore['changeVisibility'] = (queue, receiptHandle, seconds) => {
    const [key, message] = inFlight(table.byReceipt(queue, receiptHandle), clock.nowMs());
    const visibleAtMs = clock.nowMs() + seconds * SECOND_MS;
    checkHidden(message, visibleAtMs, seconds);
    table.put(queue, key, { ...message, visibleAtMs });
    report(queue);
    tellAt(queue, visibleAtMs);
  };

  return {
    counts: table.counts,
    receive,
    changeVisibility,
    send: (queue, { body, attributes, delaySeconds, senderId }) => {
      const nowMs = clock.nowMs();
      const visibleAtMs = nowMs + (delaySeconds ?? queue.settings.delaySeconds) * SECOND_MS;
      const message = { id: ids.uuid(), body, attributes, senderId, sentAtMs: nowMs, visibleAtMs, receiveCount: 0 };
      add(queue, message);
      return message;
    },
    delete: (queue, receiptHandle) => {
      const entry = table.byReceipt(queue, receiptHandle);
      if (entry !== undefined) table.delete(queue, entry[0]);
      report(queue);
    },
    clear: (queue) => {
      table.clear(queue);
      report(queue);
    },
    watch,
    start: (queues) => {
      for (const queue of queues) {
        const entries = table.current(queue);
        if (entries.length > 0) report(queue);
        // Messages that were hidden when the process ended.
        for (const [, { visibleAtMs }] of entries) tellAt(queue, visibleAtMs);
      }
    },
  };
};
