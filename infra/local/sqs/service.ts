import {
  AwsError,
  type LocalService,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
  type ServicePrincipal,
  type WireRequest,
  type WireResponse,
} from '../contracts.ts';
import { checkPolicy } from '../iam/check-policy.ts';
import { guardOperations, requireAll } from '../iam/guard.ts';
import { readFields, readProperties } from '../protocols/fields.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { sendNeeds, sqsAccess } from './access.ts';
import { checkMessage } from './check-message.ts';
import { readMessageAttribute } from './message-attributes.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { sqsOperations } from './operations.ts';
import { checkRedrive, DEFAULT_SETTINGS, readQueueSettings } from './queue.ts';
import { createQueueBook, type QueueBook } from './queue-book.ts';

export interface SqsService extends LocalService {
  /** Sends one message; `parameters.MessageAttributes` as in SendMessage. @throws AwsError QueueDoesNotExist */
  readonly deliver: (
    targetArn: string,
    payload: string,
    parameters?: Readonly<Record<string, unknown>>,
    from?: ServicePrincipal,
  ) => Promise<void>;
  /** Calls back whenever a message of the queue has become visible; the listener only takes note. @returns cancels */
  readonly watch: (queueArn: string, told: () => void) => () => void;
  /** Of a queue that stands. */
  readonly visibilitySeconds: (queueArn: string) => number | undefined;
}

const queueResource = (book: QueueBook, messages: MessageStore): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, settings } = readProperties(context, (fields) => {
      fields.accept('Tags');
      return {
        name: fields.text('QueueName') ?? shortenName(context.generatedName, 80),
        settings: { ...DEFAULT_SETTINGS, ...readQueueSettings(fields) },
      };
    });
    // The queue's policy is a resource of its own, which this one must not undo.
    const policy = book.find(name)?.settings.policy;
    checkRedrive(settings, book.byArn);
    const queue = book.put(name, { ...settings, policy });
    const url = book.url(queue);
    return { physicalId: url, attributes: { Arn: queue.arn, QueueName: name, QueueUrl: url } };
  };
  const remove = (url: string): void => {
    const queue = book.find(url.split('/').at(-1) ?? '');
    if (queue === undefined) return;
    messages.clear(queue);
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
    checkPolicy(`${context.logicalId}.PolicyDocument`, policy, 'resource');
    for (const { name, settings } of queues.map(book.byUrl)) book.put(name, { ...settings, policy });
    return { physicalId: context.generatedName, attributes: {} };
  };
  return { create: async (context) => put(context), update: async (context) => put(context), delete: async () => {} };
};

/** SDKs of services that once spoke the query protocol read the error's old code from this header. */
const OLD_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDeletedRecently: 'AWS.SimpleQueueService.QueueDeletedRecently',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
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
  const guard = { access: context.access, service: 'sqs' };
  const handle = createJsonHandler({
    targetPrefix: 'AmazonSQS',
    version: '1.0',
    operations: guardOperations(guard, sqsAccess(context, book.find), sqsOperations(context, book, messages)),
    errorNamespace: 'com.amazonaws.sqs',
  });
  return {
    signingName: 'sqs',
    handle: Object.assign(async (request: WireRequest) => withQueryError(await handle(request)), {
      operations: handle.operations,
    }),
    resources: {
      'AWS::SQS::Queue': queueResource(book, messages),
      'AWS::SQS::QueuePolicy': policyResource(book),
    },
    deliver: async (targetArn, payload, parameters = {}, from) => {
      const queue = book.byArn(targetArn);
      if (queue === undefined) throw new AwsError('QueueDoesNotExist', `the queue ${targetArn} does not exist`);
      if (from !== undefined) requireAll(guard, from, sendNeeds(queue));
      const attributes = readFields({ MessageAttributes: parameters.MessageAttributes }, {}, (fields) =>
        fields.objectMap('MessageAttributes', readMessageAttribute),
      );
      const message = { body: payload, delaySeconds: undefined, attributes: attributes ?? {} };
      checkMessage(queue, message);
      messages.send(queue, { ...message, senderId: 'service' });
    },
    visibilitySeconds: (queueArn) => book.byArn(queueArn)?.settings.visibilitySeconds,
    watch: (queueArn, told) => messages.watch(queueArn.split(':').at(-1) ?? '', told),
    start: async () => messages.start(book.list()),
  };
};
