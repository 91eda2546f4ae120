import { MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { runBatch, sqsWords } from './batch.ts';
import { checkMessage, type GivenMessage, LARGEST_MESSAGE_BYTES, messageBytes, readMessage } from './check-message.ts';
import type { Message } from './message.ts';
import { type MessageAttributes, md5, md5OfAttributes, shownAttributes } from './message-attributes.ts';
import type { MessageStore } from './message-store.ts';
import type { Queue } from './queue.ts';
import type { QueueBook } from './queue-book.ts';

const FRAME = { code: 'InvalidParameterValue' };
const LONGEST_HIDDEN_SECONDS = 43_200;

/** System attributes that a receive may ask for; those of FIFO queues and of tracing have no value here. */
const SYSTEM_ATTRIBUTES = [
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'DeadLetterQueueSourceArn',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
];

const systemAttributes = (message: Message): Readonly<Record<string, string>> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAtMs),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
  ...(message.deadLetterSourceArn === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSourceArn }),
});

const orAbsent = <T extends object>(value: T): T | undefined => (Object.keys(value).length === 0 ? undefined : value);

const pickedSystem = (message: Message, names: readonly string[]) =>
  orAbsent(
    Object.fromEntries(
      Object.entries(systemAttributes(message)).filter(([name]) => names.includes('All') || names.includes(name)),
    ),
  );

/** `All`, `.*`, a name, or a prefix such as `bar.*`. */
const pickedOwn = (attributes: MessageAttributes, names: readonly string[]): MessageAttributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) =>
      names.some(
        (wanted) =>
          wanted === 'All' || wanted === name || (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2))),
      ),
    ),
  );

const shownMessage = (message: Message, system: readonly string[], own: readonly string[]) => {
  const attributes = pickedOwn(message.attributes, own);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    Attributes: pickedSystem(message, system),
    MessageAttributes: orAbsent(shownAttributes(attributes)),
  };
};

const sendOne = (store: MessageStore, queue: Queue, message: GivenMessage, senderId: string) => {
  checkMessage(queue, message);
  const { id } = store.send(queue, { ...message, senderId });
  return {
    MessageId: id,
    MD5OfMessageBody: md5(message.body),
    MD5OfMessageAttributes: md5OfAttributes(message.attributes),
  };
};

/** Resolves when a message has become visible or the wait is over, on the virtual clock. */
const waitForMessage = ({ clock }: ServiceContext, store: MessageStore, queue: Queue, untilMs: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      cancel();
      resolve();
    };
    const timer = clock.at(untilMs, `receive from ${queue.name}`, done);
    const cancel = store.watch(queue.name, done);
  });

const readReceive = (fields: Fields) => {
  fields.ignore('a receive has no second try that it could join', 'ReceiveRequestAttemptId');
  return {
    url: fields.requiredText('QueueUrl'),
    max: fields.integer('MaxNumberOfMessages', { min: 1, max: 10 }) ?? 1,
    visibility: fields.integer('VisibilityTimeout', { min: 0, max: LONGEST_HIDDEN_SECONDS }),
    wait: fields.integer('WaitTimeSeconds', { min: 0, max: 20 }),
    system: [...(fields.texts('AttributeNames') ?? []), ...(fields.texts('MessageSystemAttributeNames') ?? [])],
    own: fields.texts('MessageAttributeNames') ?? [],
  };
};

const receive =
  (context: ServiceContext, book: QueueBook, store: MessageStore): JsonOperation =>
  async (input) => {
    const request = readFields(input, FRAME, readReceive);
    const unknown = request.system.find((name) => !SYSTEM_ATTRIBUTES.includes(name));
    if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    const queue = book.byUrl(request.url);
    const limits = { max: request.max, visibilitySeconds: request.visibility ?? queue.settings.visibilitySeconds };
    const untilMs = context.clock.nowMs() + (request.wait ?? queue.settings.receiveWaitSeconds) * SECOND_MS;
    let messages = store.receive(queue, limits);
    // Another receiver may take what has come: it waits on for as long as it was told to.
    while (messages.length === 0 && context.clock.nowMs() < untilMs) {
      await waitForMessage(context, store, queue, untilMs);
      messages = store.receive(queue, limits);
    }
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => shownMessage(message, request.system, request.own)) };
  };

const sendOperations = (book: QueueBook, store: MessageStore): Readonly<Record<string, JsonOperation>> => ({
  SendMessage: (input, { caller }) => {
    const { url, message } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      message: readMessage(fields),
    }));
    return sendOne(store, book.byUrl(url), message, caller.accessKeyId);
  },
  SendMessageBatch: (input, { caller }) => {
    const { url, entries } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      entries: fields.list('Entries', (one) => ({ id: one.requiredText('Id'), ...readMessage(one) })) ?? [],
    }));
    const queue = book.byUrl(url);
    const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0);
    if (bytes > LARGEST_MESSAGE_BYTES) {
      throw new AwsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${LARGEST_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
      );
    }
    return runBatch(sqsWords('SendMessageBatch'), entries, (entry) => sendOne(store, queue, entry, caller.accessKeyId));
  },
});

const readVisibility = (fields: Fields) => ({
  receipt: fields.requiredText('ReceiptHandle'),
  seconds: fields.integer('VisibilityTimeout', { min: 0, max: LONGEST_HIDDEN_SECONDS }) ?? 0,
});

const receiptOperations = (book: QueueBook, store: MessageStore): Readonly<Record<string, JsonOperation>> => ({
  DeleteMessage: (input) => {
    const { url, receipt } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      receipt: fields.requiredText('ReceiptHandle'),
    }));
    store.delete(book.byUrl(url), receipt);
  },
  DeleteMessageBatch: (input) => {
    const { url, entries } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      entries:
        fields.list('Entries', (one) => ({ id: one.requiredText('Id'), receipt: one.requiredText('ReceiptHandle') })) ??
        [],
    }));
    const queue = book.byUrl(url);
    return runBatch(sqsWords('DeleteMessageBatch'), entries, ({ receipt }) => {
      store.delete(queue, receipt);
      return {};
    });
  },
  ChangeMessageVisibility: (input) => {
    const { url, receipt, seconds } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      ...readVisibility(fields),
    }));
    store.changeVisibility(book.byUrl(url), receipt, seconds);
  },
  ChangeMessageVisibilityBatch: (input) => {
    const { url, entries } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      entries: fields.list('Entries', (one) => ({ id: one.requiredText('Id'), ...readVisibility(one) })) ?? [],
    }));
    const queue = book.byUrl(url);
    return runBatch(sqsWords('ChangeMessageVisibilityBatch'), entries, ({ receipt, seconds }) => {
      store.changeVisibility(queue, receipt, seconds);
      return {};
    });
  },
});

/** Once a minute at most. */
const createPurge = ({ clock }: ServiceContext, book: QueueBook, store: MessageStore): JsonOperation => {
  const purgedAtMs = new Map<string, number>();
  return (input) => {
    const queue = book.byUrl(readFields(input, FRAME, (fields) => fields.requiredText('QueueUrl')));
    const nowMs = clock.nowMs();
    if (nowMs - (purgedAtMs.get(queue.name) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) {
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        403,
      );
    }
    purgedAtMs.set(queue.name, nowMs);
    store.clear(queue);
  };
};

export const messageOperations = (
  context: ServiceContext,
  book: QueueBook,
  store: MessageStore,
): Readonly<Record<string, JsonOperation>> => ({
  ...sendOperations(book, store),
  ...receiptOperations(book, store),
  ReceiveMessage: receive(context, book, store),
  PurgeQueue: createPurge(context, book, store),
});
