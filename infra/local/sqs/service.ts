import {
  AwsError,
  type LocalService,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
  type WireResponse,
} from '../contracts.ts';
import { readFields, readProperties } from '../protocols/fields.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { readMessageAttribute } from './message-attributes.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { sqsOperations } from './operations.ts';
import { DEFAULT_SETTINGS, readQueueSettings } from './queue.ts';
import { createQueueBook, type QueueBook } from './queue-book.ts';

export interface SqsService extends LocalService {
  /** Sends one message; `parameters.MessageAttributes` as in SendMessage. @throws AwsError QueueDoesNotExist */
  readonly deliver: (
    targetArn: string,
    payload: string,
    parameters?: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
}

const queueResource = (book: QueueBook, messages: MessageStore): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, settings } = readProperties(context, (fields) => {
      fields.accept('Tags');
      return {
        name: fields.text('QueueName') ?? shortenName(context.generatedName, 80),
        settings: readQueueSettings(fields, DEFAULT_SETTINGS),
      };
    });
    // The queue's policy is a resource of its own, which this one must not undo.
    const policy = book.find(name)?.settings.policy;
    const queue = book.put(name, { ...settings, policy });
    const url = book.url(queue);
    return { physicalId: url, attributes: { Arn: queue.arn, QueueName: name, QueueUrl: url } };
  };
  const remove = (url: string): void => {
    const queue = book.find(url.split('/').at(-1) ?? '');
    if (queue === undefined) return;
    messages.purge(queue);
    book.delete(queue.name);
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      const nameOf = (url: string): string | undefined => url.split('/').at(-1);
      if (nameOf(written.physicalId) !== nameOf(context.physicalId)) remove(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => remove(physicalId),
  };
};

const policyResource = (book: QueueBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { queues, policy } = readProperties(context, (fields) => ({
      queues: fields.texts('Queues') ?? [],
      policy: fields.raw('PolicyDocument'),
    }));
    for (const { name, settings } of queues.map(book.byUrl)) book.put(name, { ...settings, policy });
    return { physicalId: context.generatedName, attributes: {} };
  };
  return { create: async (context) => put(context), update: async (context) => put(context), delete: async () => {} };
};

/** SDKs of services that once spoke the query protocol read the error's old code from this header. */
const OLD_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
};

const withQueryError = (response: WireResponse): WireResponse => {
  if (response.status < 400 || typeof response.body !== 'string') return response;
  const { __type: code = '' } = JSON.parse(response.body) as { readonly __type?: string };
  return {
    ...response,
    headers: {
      ...response.headers,
      'x-amzn-query-error': `${OLD_CODES[code.split('#').at(-1) ?? ''] ?? code.split('#').at(-1)};Sender`,
    },
  };
};

/** SQS: standard queues. */
export const createSqsService = (context: ServiceContext): SqsService => {
  const book = createQueueBook(context);
  const messages = createMessageStore(context, book.byArn);
  const handle = createJsonHandler({
    targetPrefix: 'AmazonSQS',
    version: '1.0',
    operations: sqsOperations(context, book, messages),
    errorNamespace: 'com.amazonaws.sqs',
  });
  return {
    signingName: 'sqs',
    handle: async (request) => withQueryError(await handle(request)),
    resources: {
      'AWS::SQS::Queue': queueResource(book, messages),
      'AWS::SQS::QueuePolicy': policyResource(book),
    },
    deliver: async (targetArn, payload, parameters = {}) => {
      const queue = book.byArn(targetArn);
      if (queue === undefined) throw new AwsError('QueueDoesNotExist', `the queue ${targetArn} does not exist`);
      const attributes = readFields({ MessageAttributes: parameters.MessageAttributes }, {}, (fields) =>
        fields.objectMap('MessageAttributes', readMessageAttribute),
      );
      messages.send(queue, { body: payload, attributes: attributes ?? {}, senderId: 'service' });
    },
    start: async () => messages.start(book.list()),
  };
};
