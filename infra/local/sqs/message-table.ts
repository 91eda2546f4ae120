import { SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Message, MessageCounts } from './message.ts';
import type { Queue } from './queue.ts';

export type MessageEntry = readonly [key: string, message: Message];

/** The messages of all queues in the order sent: durable, and in memory once their queue was asked for. */
export interface MessageTable {
  /** What is within its retention; the rest is deleted on the way. */
  current(queue: Queue): readonly MessageEntry[];
  counts(queue: Queue): MessageCounts;
  add(queue: Queue, message: Message): void;
  put(queue: Queue, key: string, message: Message): void;
  delete(queue: Queue, key: string): void;
  clear(queue: Queue): void;
  /** The message of its newest receipt; undefined for an older one. @throws AwsError ReceiptHandleIsInvalid */
  byReceipt(queue: Queue, receiptHandle: string): MessageEntry | undefined;
}

const keyOfReceipt = (receiptHandle: string): string =>
  Buffer.from(receiptHandle, 'base64url').toString().split(' ')[0] ?? '';

/** The handle tells the key of its message, and differs from that of an earlier receive. */
export const receiptHandleFor = (key: string, uuid: string): string =>
  Buffer.from(`${key} ${uuid}`).toString('base64url');

export const createMessageTable = ({ clock, ids, store }: ServiceContext): MessageTable => {
  const table = store.table<Message>('sqs.messages');
  const loaded = new Map<string, Map<string, Message>>();
  let sequence = 0;

  const messagesOf = ({ name }: Queue): Map<string, Message> => {
    const messages = loaded.get(name) ?? new Map(table.entries(`${name}|`));
    loaded.set(name, messages);
    return messages;
  };

  const nextKey = (queue: Queue): string => {
    sequence = (sequence + 1) % 1_000_000;
    const order = `${String(clock.nowMs()).padStart(15, '0')}.${String(sequence).padStart(6, '0')}`;
    return `${queue.name}|${order}.${ids.uuid().slice(0, 8)}`;
  };

  const put = (queue: Queue, key: string, message: Message): void => {
    table.put(key, message);
    messagesOf(queue).set(key, message);
  };

  const remove = (queue: Queue, key: string): void => {
    table.delete(key);
    messagesOf(queue).delete(key);
  };

  const current = (queue: Queue): readonly MessageEntry[] => {
    const oldestMs = clock.nowMs() - queue.settings.retentionSeconds * SECOND_MS;
    const messages = messagesOf(queue);
    for (const [key, { sentAtMs }] of messages) if (sentAtMs < oldestMs) remove(queue, key);
    return [...messages];
  };

  return {
    current,
    put,
    delete: remove,
    add: (queue, message) => put(queue, nextKey(queue), message),
    counts: (queue) => {
      const nowMs = clock.nowMs();
      const entries = current(queue);
      const hidden = entries.filter(([, message]) => message.visibleAtMs > nowMs);
      const inFlight = hidden.filter(([, message]) => message.receiveCount > 0).length;
      return { visible: entries.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    clear: (queue) => {
      for (const [key] of [...messagesOf(queue)]) remove(queue, key);
    },
    byReceipt: (queue, receiptHandle) => {
      const key = keyOfReceipt(receiptHandle);
      if (!key.startsWith(`${queue.name}|`)) {
        const message = `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`;
        throw new AwsError('ReceiptHandleIsInvalid', message);
      }
      const message = messagesOf(queue).get(key);
      return message?.receiptHandle === receiptHandle ? [key, message] : undefined;
    },
  };
};
