import { randomUUID } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext, type TimerHandle } from '../contracts.ts';
import type { MessageAttributes } from './message-attributes.ts';
import type { Queue } from './queue.ts';

/** The durable messages of all queues. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAtMs: number;
  readonly senderId: string;
  readonly visibleAtMs: number;
  readonly receiveCount: number;
  readonly firstReceivedAtMs?: number | undefined;
  /** Of the last receive; a delete with an older one is without effect. */
  readonly receiptHandle?: string | undefined;
}

interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds?: number | undefined;
  readonly senderId: string;
}

interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface MessageStore {
  readonly send: (queue: Queue, message: NewMessage) => Message;
  readonly receive: (
    queue: Queue,
    limits: { readonly max: number; readonly visibilitySeconds: number },
  ) => readonly Message[];
  readonly delete: (queue: Queue, receiptHandle: string) => void;
  readonly changeVisibility: (queue: Queue, receiptHandle: string, seconds: number) => void;
  readonly purge: (queue: Queue) => void;
  readonly counts: (queue: Queue) => MessageCounts;
  /** Calls back once, when a message is sent to the queue. @returns cancels */
  readonly onSend: (queue: Queue, told: () => void) => () => void;
  /** Resumes the metrics of queues that hold messages. */
  readonly start: (queues: readonly Queue[]) => void;
}

type Entry = readonly [key: string, message: Message];

/**
 * A queue with visible messages says so every minute, as on AWS, or the alarm on a dead-letter queue would fall
 * silent while the letter still lies there. An empty queue sets no timer.
 */
const createReporter = (context: ServiceContext, counts: (queue: Queue) => MessageCounts) => {
  const timers = new Map<string, TimerHandle>();
  const report = (queue: Queue): void => {
    const { visible } = counts(queue);
    context.ports.putMetric({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.name },
      value: visible,
      unit: 'Count',
    });
    timers.get(queue.name)?.cancel();
    timers.delete(queue.name);
    if (visible === 0) return;
    const nextMs = (Math.floor(context.clock.nowMs() / MINUTE_MS) + 1) * MINUTE_MS;
    timers.set(
      queue.name,
      context.clock.at(nextMs, `metrics of queue ${queue.name}`, () => report(queue)),
    );
  };
  return report;
};

interface MessageTable {
  /** What is within its retention; the rest is deleted on the way. */
  readonly current: (queue: Queue) => readonly Entry[];
  readonly counts: (queue: Queue) => MessageCounts;
  readonly add: (queue: Queue, message: Message) => void;
  readonly put: (key: string, message: Message) => void;
  readonly delete: (key: string) => void;
  /** The message of its newest receipt; undefined for an older one. @throws AwsError ReceiptHandleIsInvalid */
  readonly byReceipt: (queue: Queue, receiptHandle: string) => Entry | undefined;
}

const createMessageTable = ({ clock, store }: ServiceContext): MessageTable => {
  const table = store.table<Message>('sqs.messages');
  let sequence = 0;

  const nextKey = (queue: Queue): string => {
    sequence = (sequence + 1) % 1_000_000;
    const order = `${String(clock.nowMs()).padStart(15, '0')}.${String(sequence).padStart(6, '0')}`;
    return `${queue.name}|${order}.${randomUUID().slice(0, 8)}`;
  };

  const current = (queue: Queue): readonly Entry[] => {
    const oldestMs = clock.nowMs() - queue.settings.retentionSeconds * SECOND_MS;
    const entries = table.entries(`${queue.name}|`);
    for (const [key, { sentAtMs }] of entries) if (sentAtMs < oldestMs) table.delete(key);
    return entries.filter(([, { sentAtMs }]) => sentAtMs >= oldestMs);
  };

  return {
    current,
    counts: (queue) => {
      const nowMs = clock.nowMs();
      const entries = current(queue);
      const hidden = entries.filter(([, message]) => message.visibleAtMs > nowMs);
      const inFlight = hidden.filter(([, message]) => message.receiveCount > 0).length;
      return { visible: entries.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    add: (queue, message) => table.put(nextKey(queue), message),
    put: table.put,
    delete: table.delete,
    byReceipt: (queue, receiptHandle) => {
      const [key = ''] = Buffer.from(receiptHandle, 'base64url').toString().split(' ');
      if (!key.startsWith(`${queue.name}|`)) {
        throw new AwsError('ReceiptHandleIsInvalid', `the receipt handle ${receiptHandle} is not one of ${queue.name}`);
      }
      const message = table.get(key);
      return message?.receiptHandle === receiptHandle ? [key, message] : undefined;
    },
  };
};

const taken = (message: Message, key: string, nowMs: number, visibilitySeconds: number): Message => ({
  ...message,
  receiveCount: message.receiveCount + 1,
  firstReceivedAtMs: message.firstReceivedAtMs ?? nowMs,
  visibleAtMs: nowMs + visibilitySeconds * SECOND_MS,
  receiptHandle: Buffer.from(`${key} ${randomUUID()}`).toString('base64url'),
});

export const createMessageStore = (
  context: ServiceContext,
  queueByArn: (arn: string) => Queue | undefined,
): MessageStore => {
  const { clock, store } = context;
  const table = createMessageTable(context);
  const report = createReporter(context, table.counts);
  const waiting = new Map<string, Set<() => void>>();

  const reportAt = (queue: Queue, atMs: number): void => {
    if (atMs > clock.nowMs()) clock.at(atMs, `visibility in ${queue.name}`, () => report(queue));
  };

  const add = (queue: Queue, message: Message): void => {
    table.add(queue, message);
    report(queue);
    reportAt(queue, message.visibleAtMs);
    const told = waiting.get(queue.name);
    waiting.delete(queue.name);
    for (const tell of told ?? []) tell();
  };

  /** @returns whether the message went to the dead-letter queue instead of the receiver */
  const redriven = (queue: Queue, [key, message]: Entry): boolean => {
    const { redrive } = queue.settings;
    if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = queueByArn(redrive.deadLetterArn);
    if (target === undefined) return false;
    store.transaction(() => {
      table.delete(key);
      add(target, { ...message, visibleAtMs: clock.nowMs(), receiveCount: 0, receiptHandle: undefined });
    });
    return true;
  };

  const take = ([key, message]: Entry, visibilitySeconds: number): Message => {
    const received = taken(message, key, clock.nowMs(), visibilitySeconds);
    table.put(key, received);
    return received;
  };

  return {
    counts: table.counts,
    send: (queue, { body, attributes, delaySeconds, senderId }) => {
      const nowMs = clock.nowMs();
      const visibleAtMs = nowMs + (delaySeconds ?? queue.settings.delaySeconds) * SECOND_MS;
      const message = { id: randomUUID(), body, attributes, senderId, sentAtMs: nowMs, visibleAtMs, receiveCount: 0 };
      add(queue, message);
      return message;
    },
    receive: (queue, { max, visibilitySeconds }) => {
      const nowMs = clock.nowMs();
      const visible = table.current(queue).filter(([, message]) => message.visibleAtMs <= nowMs);
      const kept = visible.filter((entry) => !redriven(queue, entry)).slice(0, max);
      const received = kept.map((entry) => take(entry, visibilitySeconds));
      if (visible.length > 0) report(queue);
      if (received.length > 0) reportAt(queue, nowMs + visibilitySeconds * SECOND_MS);
      return received;
    },
    delete: (queue, receiptHandle) => {
      const entry = table.byReceipt(queue, receiptHandle);
      if (entry !== undefined) table.delete(entry[0]);
      report(queue);
    },
    changeVisibility: (queue, receiptHandle, seconds) => {
      const entry = table.byReceipt(queue, receiptHandle);
      const nowMs = clock.nowMs();
      if (entry === undefined || entry[1].visibleAtMs <= nowMs) {
        throw new AwsError('MessageNotInflight', 'the message is not in flight');
      }
      const visibleAtMs = nowMs + seconds * SECOND_MS;
      table.put(entry[0], { ...entry[1], visibleAtMs });
      report(queue);
      reportAt(queue, visibleAtMs);
    },
    purge: (queue) => {
      for (const [key] of table.current(queue)) table.delete(key);
      report(queue);
    },
    onSend: (queue, told) => {
      const set = waiting.get(queue.name) ?? new Set();
      waiting.set(queue.name, set.add(told));
      return () => set.delete(told);
    },
    start: (queues) => {
      for (const queue of queues) {
        const entries = table.current(queue);
        if (entries.length > 0) report(queue);
        // Messages that were hidden when the process ended.
        for (const [, { visibleAtMs }] of entries) reportAt(queue, visibleAtMs);
      }
    },
  };
};
