import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { readMessageAttribute } from '../sqs/message-attributes.ts';
import type { PublishedMessage, Publisher } from './publisher.ts';
import { PROTOCOLS, type Subscription, type Topic } from './topic.ts';
import type { TopicBook } from './topic-book.ts';

const FRAME = { code: 'InvalidParameter' };
const MAX_MESSAGE_BYTES = 262_144;
const MAX_BATCH = 10;
const PAGE = 100;

const readMessage = (fields: Fields): PublishedMessage => {
  const message = {
    message: fields.requiredText('Message'),
    subject: fields.text('Subject'),
    attributes: fields.objectMap('MessageAttributes', readMessageAttribute) ?? {},
    perProtocol: fields.choice('MessageStructure', ['json']) === 'json',
  };
  if (Buffer.byteLength(message.message) > MAX_MESSAGE_BYTES) {
    throw fields.refuse('Message', `must have at most ${MAX_MESSAGE_BYTES} bytes`);
  }
  if (message.subject !== undefined && (message.subject === '' || message.subject.length > 100)) {
    throw fields.refuse('Subject', 'must have 1 to 100 characters');
  }
  if (message.perProtocol) checkStructure(fields, message.message);
  return message;
};

const checkStructure = (fields: Fields, text: string): void => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fields.refuse('Message', 'must be JSON with MessageStructure json');
  }
  if (typeof parsed !== 'object' || parsed === null || !('default' in parsed)) {
    throw fields.refuse('Message', 'must have a default entry with MessageStructure json');
  }
};

const readDeadLetter = (text: string | undefined): string | undefined => {
  if (text === undefined || text === '') return undefined;
  const policy = JSON.parse(text) as { readonly deadLetterTargetArn?: string };
  return policy.deadLetterTargetArn;
};

/** Attributes of a subscription as the API names them; each undefined one leaves what was there. */
const readSubscriptionAttributes = (fields: Fields): Partial<Subscription> => {
  const read = {
    rawDelivery: fields.flag('RawMessageDelivery'),
    filterPolicy: fields.text('FilterPolicy'),
    filterScope: fields.choice('FilterPolicyScope', ['MessageAttributes', 'MessageBody']),
    deadLetterArn: readDeadLetter(fields.text('RedrivePolicy')),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
};

const DEFAULTS = { rawDelivery: false, filterScope: 'MessageAttributes' } as const;

const readTopicAttributes = (fields: Fields) => ({
  displayName: fields.text('DisplayName'),
  kmsKeyId: fields.text('KmsMasterKeyId'),
  policy: fields.raw('Policy'),
});

const shownSubscription = (subscription: Subscription) => ({
  SubscriptionArn: subscription.arn,
  Owner: subscription.arn.split(':')[4],
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: subscription.topicArn,
});

const textMap = (values: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const topicAttributes = (book: TopicBook, topic: Topic) =>
  textMap({
    TopicArn: topic.arn,
    Owner: topic.arn.split(':')[4],
    DisplayName: topic.displayName ?? '',
    KmsMasterKeyId: topic.kmsKeyId,
    Policy: topic.policy === undefined ? undefined : JSON.stringify(topic.policy),
    SubscriptionsConfirmed: String(book.subscriptions(topic.arn).length),
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  });

const subscriptionAttributes = (subscription: Subscription) =>
  textMap({
    ...shownSubscription(subscription),
    RawMessageDelivery: String(subscription.rawDelivery),
    FilterPolicy: subscription.filterPolicy,
    FilterPolicyScope: subscription.filterPolicy === undefined ? undefined : subscription.filterScope,
    PendingConfirmation: 'false',
    ConfirmationWasAuthenticated: 'true',
  });

const paged = <T>(items: readonly T[], token: string | undefined) => {
  const from = Number(token ?? 0);
  const end = from + PAGE;
  return { page: items.slice(from, end), NextToken: end < items.length ? String(end) : undefined };
};

const topicOperations = (book: TopicBook): Readonly<Record<string, JsonOperation>> => ({
  CreateTopic: (input) => {
    const topic = readFields(input, FRAME, (fields) => {
      fields.accept('Tags');
      return { name: fields.requiredText('Name'), ...fields.object('Attributes', readTopicAttributes) };
    });
    return { TopicArn: book.putTopic(topic).arn };
  },
  DeleteTopic: (input) => {
    book.deleteTopic(readFields(input, FRAME, (fields) => fields.requiredText('TopicArn')));
  },
  GetTopicAttributes: (input) => {
    const topic = book.topic(readFields(input, FRAME, (fields) => fields.requiredText('TopicArn')));
    return { Attributes: topicAttributes(book, topic) };
  },
  SetTopicAttributes: (input) => {
    const { topic, name, value } = readFields(input, FRAME, (fields) => ({
      topic: book.topic(fields.requiredText('TopicArn')),
      name: fields.requiredText('AttributeName'),
      value: fields.text('AttributeValue'),
    }));
    const changed = readFields({ [name]: value }, FRAME, readTopicAttributes);
    const given = Object.fromEntries(Object.entries(changed).filter(([, one]) => one !== undefined));
    book.putTopic({ ...topic, ...given });
  },
  ListTopics: (input) => {
    const token = readFields(input, FRAME, (fields) => fields.text('NextToken'));
    const { page, NextToken } = paged(book.topics(), token);
    return { Topics: page.map(({ arn }) => ({ TopicArn: arn })), NextToken };
  },
});

const subscriptionOperations = (book: TopicBook): Readonly<Record<string, JsonOperation>> => ({
  Subscribe: (input) => {
    const settings = readFields(input, FRAME, (fields) => {
      fields.accept('ReturnSubscriptionArn');
      const protocol = fields.choice('Protocol', PROTOCOLS);
      if (protocol === undefined) throw fields.refuse('Protocol', 'is required');
      const topicArn = fields.requiredText('TopicArn');
      const endpoint = fields.requiredText('Endpoint');
      const attributes = fields.object('Attributes', readSubscriptionAttributes) ?? {};
      return { ...DEFAULTS, ...attributes, topicArn, protocol, endpoint };
    });
    return { SubscriptionArn: book.subscribe(settings).arn };
  },
  Unsubscribe: (input) =>
    book.unsubscribe(readFields(input, FRAME, (fields) => fields.requiredText('SubscriptionArn'))),
  ListSubscriptions: (input) => {
    const token = readFields(input, FRAME, (fields) => fields.text('NextToken'));
    const { page, NextToken } = paged(book.subscriptions(undefined), token);
    return { Subscriptions: page.map(shownSubscription), NextToken };
  },
  ListSubscriptionsByTopic: (input) => {
    const { topic, token } = readFields(input, FRAME, (fields) => ({
      topic: book.topic(fields.requiredText('TopicArn')),
      token: fields.text('NextToken'),
    }));
    const { page, NextToken } = paged(book.subscriptions(topic.arn), token);
    return { Subscriptions: page.map(shownSubscription), NextToken };
  },
  GetSubscriptionAttributes: (input) => {
    const arn = readFields(input, FRAME, (fields) => fields.requiredText('SubscriptionArn'));
    return { Attributes: subscriptionAttributes(book.subscription(arn)) };
  },
  SetSubscriptionAttributes: (input) => {
    const { subscription, name, value } = readFields(input, FRAME, (fields) => ({
      subscription: book.subscription(fields.requiredText('SubscriptionArn')),
      name: fields.requiredText('AttributeName'),
      value: fields.text('AttributeValue'),
    }));
    book.putSubscription({ ...subscription, ...readFields({ [name]: value }, FRAME, readSubscriptionAttributes) });
  },
});

const publishOperations = (book: TopicBook, publisher: Publisher): Readonly<Record<string, JsonOperation>> => ({
  Publish: (input) => {
    const { topic, message } = readFields(input, FRAME, (fields) => ({
      topic: book.topic(fields.text('TopicArn') ?? fields.requiredText('TargetArn')),
      message: readMessage(fields),
    }));
    return { MessageId: publisher.publish(topic, message) };
  },
  PublishBatch: (input) => {
    const { topic, entries } = readFields(input, FRAME, (fields) => ({
      topic: book.topic(fields.requiredText('TopicArn')),
      entries:
        fields.list('PublishBatchRequestEntries', (one) => ({ id: one.requiredText('Id'), ...readMessage(one) })) ?? [],
    }));
    if (entries.length < 1 || entries.length > MAX_BATCH) {
      throw new AwsError(
        'TooManyEntriesInBatchRequest',
        `a batch has 1 to ${MAX_BATCH} entries, got ${entries.length}`,
      );
    }
    if (new Set(entries.map(({ id }) => id)).size < entries.length) {
      throw new AwsError('BatchEntryIdsNotDistinct', 'ids of batch entries must differ');
    }
    const Successful = entries.map((entry) => ({ Id: entry.id, MessageId: publisher.publish(topic, entry) }));
    return { Successful, Failed: [] };
  },
});

export const snsOperations = (book: TopicBook, publisher: Publisher): Readonly<Record<string, JsonOperation>> => ({
  ...topicOperations(book),
  ...subscriptionOperations(book),
  ...publishOperations(book, publisher),
});
