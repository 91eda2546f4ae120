import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { messageOperations } from './message-operations.ts';
import type { MessageStore } from './message-store.ts';
import { checkRedrive, DEFAULT_SETTINGS, type Queue, readQueueSettings } from './queue.ts';
import type { QueueBook } from './queue-book.ts';

const FRAME = { code: 'InvalidParameterValue' };
const MOST_LISTED = 1_000;

const ATTRIBUTE_NAMES = [
  'All',
  'Policy',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
  'ApproximateNumberOfMessagesDelayed',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'RedriveAllowPolicy',
  'SqsManagedSseEnabled',
];

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
    SqsManagedSseEnabled: String(settings.kmsKeyId === undefined),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
};

const getAttributes =
  (book: QueueBook, store: MessageStore): JsonOperation =>
  (input) => {
    const { url, names } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      names: fields.texts('AttributeNames') ?? [],
    }));
    const unknown = names.find((name) => !ATTRIBUTE_NAMES.includes(name));
    if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    const picked = Object.entries(queueAttributes(book.byUrl(url), store)).filter(
      ([name]) => names.includes('All') || names.includes(name),
    );
    return picked.length === 0 ? {} : { Attributes: Object.fromEntries(picked) };
  };

const listQueues =
  (book: QueueBook): JsonOperation =>
  (input) => {
    const { prefix, most, token } = readFields(input, FRAME, (fields) => ({
      prefix: fields.text('QueueNamePrefix') ?? '',
      most: fields.integer('MaxResults', { min: 1, max: MOST_LISTED }),
      token: fields.text('NextToken'),
    }));
    const found = book.list().filter(({ name }) => name.startsWith(prefix));
    const start = token === undefined ? 0 : found.findIndex(({ name }) => name > token);
    const page = start < 0 ? [] : found.slice(start, start + (most ?? MOST_LISTED));
    const more = page.length > 0 && page.at(-1) !== found.at(-1);
    return {
      ...(page.length === 0 ? {} : { QueueUrls: page.map(book.url) }),
      // Without MaxResults AWS gives the first thousand and no token.
      ...(more && most !== undefined ? { NextToken: page.at(-1)?.name } : {}),
    };
  };

const readNewQueue = (fields: Fields) => ({
  name: fields.requiredText('QueueName'),
  change: fields.object('Attributes', readQueueSettings) ?? {},
  tags: fields.textMap('tags'),
});

const queueOperations = (book: QueueBook, store: MessageStore): Readonly<Record<string, JsonOperation>> => ({
  CreateQueue: (input) => {
    const { name, change, tags } = readFields(input, FRAME, readNewQueue);
    const settings = { ...DEFAULT_SETTINGS, ...change };
    checkRedrive(settings, book.byArn);
    const standing = book.find(name);
    if (standing === undefined) return { QueueUrl: book.url(book.create(name, settings, tags)) };
    if (JSON.stringify(standing.settings) !== JSON.stringify(settings)) {
      const message = `A queue already exists with the same name and a different value for attribute(s) of ${name}`;
      throw new AwsError('QueueNameExists', message);
    }
    return { QueueUrl: book.url(standing) };
  },
  DeleteQueue: (input) => {
    const queue = book.byUrl(readFields(input, FRAME, (fields) => fields.requiredText('QueueUrl')));
    store.clear(queue);
    book.delete(queue.name);
  },
  GetQueueUrl: (input) => {
    const name = readFields(input, FRAME, (fields) => {
      fields.ignore('there is one account here', 'QueueOwnerAWSAccountId');
      return fields.requiredText('QueueName');
    });
    return { QueueUrl: book.url(book.get(name)) };
  },
  ListQueues: listQueues(book),
  GetQueueAttributes: getAttributes(book, store),
  SetQueueAttributes: (input) => {
    const { url, change } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      change: fields.object('Attributes', readQueueSettings) ?? {},
    }));
    const queue = book.byUrl(url);
    const settings = { ...queue.settings, ...change };
    checkRedrive(settings, book.byArn);
    book.put(queue.name, settings);
  },
  ListDeadLetterSourceQueues: (input) => {
    const url = readFields(input, FRAME, (fields) => fields.requiredText('QueueUrl'));
    const { arn } = book.byUrl(url);
    return {
      queueUrls: book
        .list()
        .filter(({ settings }) => settings.redrive?.deadLetterArn === arn)
        .map(book.url),
    };
  },
});

const tagOperations = (book: QueueBook): Readonly<Record<string, JsonOperation>> => ({
  ListQueueTags: (input) => {
    const { tags = {} } = book.byUrl(readFields(input, FRAME, (fields) => fields.requiredText('QueueUrl')));
    return Object.keys(tags).length === 0 ? {} : { Tags: tags };
  },
  TagQueue: (input) => {
    const { url, tags } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      tags: fields.textMap('Tags') ?? {},
    }));
    const queue = book.byUrl(url);
    book.tag(queue.name, { ...queue.tags, ...tags });
  },
  UntagQueue: (input) => {
    const { url, keys } = readFields(input, FRAME, (fields) => ({
      url: fields.requiredText('QueueUrl'),
      keys: fields.texts('TagKeys') ?? [],
    }));
    const queue = book.byUrl(url);
    const left = Object.entries(queue.tags ?? {}).filter(([key]) => !keys.includes(key));
    book.tag(queue.name, Object.fromEntries(left));
  },
});

export const sqsOperations = (
  context: ServiceContext,
  book: QueueBook,
  store: MessageStore,
): Readonly<Record<string, JsonOperation>> => ({
  ...messageOperations(context, book, store),
  ...queueOperations(book, store),
  ...tagOperations(book),
});
