import { SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { md5, md5OfAttributes, readMessageAttribute, shownAttributes } from './message-attributes.ts';
import type { Message, MessageStore } from './message-store.ts';
import { DEFAULT_SETTINGS, type Queue, readQueueSettings } from './queue.ts';
import type { QueueBook } from './queue-book.ts';

const FRAME = { code: 'InvalidParameterValue' };
const MAX_BATCH = 10;

const readSystemAttributes = (fields: Fields): readonly string[] => [
  ...(fields.texts('AttributeNames') ?? []),
  ...(fields.texts('MessageSystemAttributeNames') ?? []),
];

const readMessage = (fields: Fields) => ({
  body: fields.requiredText('MessageBody'),
  delaySeconds: fields.integer('DelaySeconds', { min: 0, max: 900 }),
  attributes: fields.objectMap('MessageAttributes', readMessageAttribute) ?? {},
});

const sendOne = (store: MessageStore, queue: Queue, message: ReturnType<typeof readMessage>, senderId: string) => {
  const sizeBytes = Buffer.byteLength(message.body);
  if (sizeBytes > queue.settings.maximumMessageSize) {
    throw new AwsError(
      'InvalidParameterValue',
      `the message must be shorter than ${queue.settings.maximumMessageSize} bytes, got ${sizeBytes}`,
    );
  }
  const { id } = store.send(queue, { ...message, senderId });
  return {
    MessageId: id,
    MD5OfMessageBody: md5(message.body),
    MD5OfMessageAttributes: md5OfAttributes(message.attributes),
  };
};

const systemAttributes = (message: Message): Readonly<Record<string, string>> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAtMs),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
});

const picked = <T>(values: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> | undefined => {
  const wanted = Object.entries(values).filter(
    ([name]) => names.includes('All') || names.includes('.*') || names.includes(name),
  );
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
};

const shownMessage = (message: Message, system: readonly string[], own: readonly string[]) => {
  const attributes = picked(message.attributes, own) ?? {};
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    Attributes: picked(systemAttributes(message), system),
    MessageAttributes: Object.keys(attributes).length === 0 ? undefined : shownAttributes(attributes),
  };
};

/** Resolves when a message comes or the wait is over, on the virtual clock. */
const waitForMessage = ({ clock }: ServiceContext, store: MessageStore, queue: Queue, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      cancel();
      resolve();
    };
    const timer = clock.at(clock.nowMs() + seconds * SECOND_MS, `receive from ${queue.name}`, done);
    const cancel = store.onSend(queue, done);
  });

const receive =
  (context: ServiceContext, book: QueueBook, store: MessageStore): JsonOperation =>
  async (input) => {
    const request = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      max: fields.integer('MaxNumberOfMessages', { min: 1, max: MAX_BATCH }) ?? 1,
      visibility: fields.integer('VisibilityTimeout', { min: 0, max: 43_200 }),
      wait: fields.integer('WaitTimeSeconds', { min: 0, max: 20 }),
      system: readSystemAttributes(fields),
      own: fields.texts('MessageAttributeNames') ?? [],
    }));
    const { queue, max } = request;
    const limits = { max, visibilitySeconds: request.visibility ?? queue.settings.visibilitySeconds };
    let messages = store.receive(queue, limits);
    const wait = request.wait ?? queue.settings.receiveWaitSeconds;
    if (messages.length === 0 && wait > 0) {
      await waitForMessage(context, store, queue, wait);
      messages = store.receive(queue, limits);
    }
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => shownMessage(message, request.system, request.own)) };
  };

/** Runs a batch entry by entry: one that fails does not stop the others. */
const batch = <T extends { readonly id: string }>(entries: readonly T[], run: (entry: T) => object) => {
  if (entries.length < 1 || entries.length > MAX_BATCH) {
    throw new AwsError('AWS.SimpleQueueService.TooManyEntriesInBatchRequest', `a batch has 1 to ${MAX_BATCH} entries`);
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new AwsError('AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 'ids of batch entries must differ');
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed: Failed.length === 0 ? undefined : Failed };
};

const messageOperations = (
  context: ServiceContext,
  book: QueueBook,
  store: MessageStore,
): Readonly<Record<string, JsonOperation>> => ({
  SendMessage: (input, { caller }) => {
    const { queue, message } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      message: readMessage(fields),
    }));
    return sendOne(store, queue, message, caller.accessKeyId);
  },
  SendMessageBatch: (input, { caller }) => {
    const { queue, entries } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      entries: fields.list('Entries', (one) => ({ id: one.requiredText('Id'), ...readMessage(one) })) ?? [],
    }));
    return batch(entries, (entry) => sendOne(store, queue, entry, caller.accessKeyId));
  },
  ReceiveMessage: receive(context, book, store),
  DeleteMessage: (input) => {
    const { queue, receipt } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      receipt: fields.requiredText('ReceiptHandle'),
    }));
    store.delete(queue, receipt);
  },
  DeleteMessageBatch: (input) => {
    const { queue, entries } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      entries:
        fields.list('Entries', (one) => ({ id: one.requiredText('Id'), receipt: one.requiredText('ReceiptHandle') })) ??
        [],
    }));
    return batch(entries, ({ receipt }) => {
      store.delete(queue, receipt);
      return {};
    });
  },
  ChangeMessageVisibility: (input) => {
    const { queue, receipt, seconds } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      receipt: fields.requiredText('ReceiptHandle'),
      seconds: fields.integer('VisibilityTimeout', { min: 0, max: 43_200 }) ?? 0,
    }));
    store.changeVisibility(queue, receipt, seconds);
  },
  PurgeQueue: (input) => store.purge(readFields(input, FRAME, (fields) => book.byUrl(fields.requiredText('QueueUrl')))),
});

const queueAttributes = (queue: Queue, store: MessageStore): Readonly<Record<string, string>> => {
  const { settings } = queue;
  const counts = store.counts(queue);
  const optional: Readonly<Record<string, string | undefined>> = {
    KmsMasterKeyId: settings.kmsKeyId,
    Policy: settings.policy === undefined ? undefined : JSON.stringify(settings.policy),
    RedrivePolicy:
      settings.redrive &&
      JSON.stringify({
        deadLetterTargetArn: settings.redrive.deadLetterArn,
        maxReceiveCount: settings.redrive.maxReceiveCount,
      }),
  };
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAtMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAtMs / 1000)),
    VisibilityTimeout: String(settings.visibilitySeconds),
    MaximumMessageSize: String(settings.maximumMessageSize),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
};

const queueOperations = (book: QueueBook, store: MessageStore): Readonly<Record<string, JsonOperation>> => ({
  CreateQueue: (input) => {
    const { name, settings } = readFields(input, FRAME, (fields) => {
      fields.accept('tags');
      return {
        name: fields.requiredText('QueueName'),
        settings: fields.object('Attributes', (one) => readQueueSettings(one, DEFAULT_SETTINGS)) ?? DEFAULT_SETTINGS,
      };
    });
    const standing = book.find(name);
    if (standing !== undefined && JSON.stringify(standing.settings) !== JSON.stringify(settings)) {
      throw new AwsError(
        'QueueAlreadyExists',
        `A queue already exists with the same name and different attributes: ${name}`,
      );
    }
    return { QueueUrl: book.url(book.put(name, settings)) };
  },
  DeleteQueue: (input) =>
    book.delete(readFields(input, FRAME, (fields) => book.byUrl(fields.requiredText('QueueUrl'))).name),
  GetQueueUrl: (input) => {
    const name = readFields(input, FRAME, (fields) => {
      fields.accept('QueueOwnerAWSAccountId');
      return fields.requiredText('QueueName');
    });
    return { QueueUrl: book.url(book.get(name)) };
  },
  ListQueues: (input) => {
    const prefix = readFields(input, FRAME, (fields) => {
      fields.accept('MaxResults');
      return fields.text('QueueNamePrefix') ?? '';
    });
    return {
      QueueUrls: book
        .list()
        .filter(({ name }) => name.startsWith(prefix))
        .map(book.url),
    };
  },
  GetQueueAttributes: (input) => {
    const { queue, names } = readFields(input, FRAME, (fields) => ({
      queue: book.byUrl(fields.requiredText('QueueUrl')),
      names: fields.texts('AttributeNames') ?? [],
    }));
    return { Attributes: picked(queueAttributes(queue, store), names) };
  },
  SetQueueAttributes: (input) => {
    const { queue, settings } = readFields(input, FRAME, (fields) => {
      const found = book.byUrl(fields.requiredText('QueueUrl'));
      return { queue: found, settings: fields.object('Attributes', (one) => readQueueSettings(one, found.settings)) };
    });
    if (settings !== undefined) book.put(queue.name, settings);
  },
});

export const sqsOperations = (
  context: ServiceContext,
  book: QueueBook,
  store: MessageStore,
): Readonly<Record<string, JsonOperation>> => ({
  ...messageOperations(context, book, store),
  ...queueOperations(book, store),
});
