import { isDeepStrictEqual } from 'node:util';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { publishOperations } from './publish-operations.ts';
import type { Publisher } from './publisher.ts';
import { invalid, PROTOCOLS, type Subscription, type Topic } from './topic.ts';
import type { TopicBook } from './topic-book.ts';

const FRAME = { code: 'InvalidParameter' };
const PAGE = 100;

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

const readTags = (fields: Fields): Readonly<Record<string, string>> | undefined => {
  const tags = fields.list('Tags', (tag) => [tag.requiredText('Key'), tag.text('Value') ?? ''] as const);
  return tags && Object.fromEntries(tags);
};

const tagOperations = (book: TopicBook): Readonly<Record<string, JsonOperation>> => ({
  ListTagsForResource: (input) => {
    const { tags = {} } = book.topic(readFields(input, FRAME, (fields) => fields.requiredText('ResourceArn')));
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
  TagResource: (input) => {
    const { arn, tags } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('ResourceArn'),
      tags: readTags(fields) ?? {},
    }));
    const topic = book.topic(arn);
    book.putTopic({ ...topic, tags: { ...topic.tags, ...tags } });
    return {};
  },
  UntagResource: (input) => {
    const { arn, keys } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('ResourceArn'),
      keys: fields.texts('TagKeys') ?? [],
    }));
    const topic = book.topic(arn);
    const left = Object.entries(topic.tags ?? {}).filter(([key]) => !keys.includes(key));
    book.putTopic({ ...topic, tags: Object.fromEntries(left) });
    return {};
  },
});

const topicOperations = (book: TopicBook): Readonly<Record<string, JsonOperation>> => ({
  CreateTopic: (input) => {
    const { tags, ...topic } = readFields(input, FRAME, (fields) => ({
      name: fields.requiredText('Name'),
      tags: readTags(fields),
      ...fields.object('Attributes', readTopicAttributes),
    }));
    const standing = book.topics().find(({ name }) => name === topic.name);
    if (standing === undefined) return { TopicArn: book.putTopic(tags === undefined ? topic : { ...topic, tags }).arn };
    const differs = Object.entries(topic).some(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value, standing[name as keyof Topic]),
    );
    if (differs) throw invalid('Attributes Reason: Topic already exists with different attributes');
    return { TopicArn: standing.arn };
  },
  DeleteTopic: (input) => {
    book.deleteTopic(readFields(input, FRAME, (fields) => fields.requiredText('TopicArn')));
  },
  GetTopicAttributes: (input) => {
    const topic = book.topic(readFields(input, FRAME, (fields) => fields.requiredText('TopicArn')));
    return { Attributes: topicAttributes(book, topic) };
  },
  SetTopicAttributes: (input) => {
    const { arn, name, value } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('TopicArn'),
      name: fields.requiredText('AttributeName'),
      value: fields.text('AttributeValue'),
    }));
    const topic = book.topic(arn);
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
      fields.ignore('nobody has to confirm here: every subscription has its ARN at once', 'ReturnSubscriptionArn');
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
    const { arn, token } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('TopicArn'),
      token: fields.text('NextToken'),
    }));
    const { page, NextToken } = paged(book.subscriptions(book.topic(arn).arn), token);
    return { Subscriptions: page.map(shownSubscription), NextToken };
  },
  GetSubscriptionAttributes: (input) => {
    const arn = readFields(input, FRAME, (fields) => fields.requiredText('SubscriptionArn'));
    return { Attributes: subscriptionAttributes(book.subscription(arn)) };
  },
  SetSubscriptionAttributes: (input) => {
    const { arn, name, value } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('SubscriptionArn'),
      name: fields.requiredText('AttributeName'),
      value: fields.text('AttributeValue'),
    }));
    const subscription = book.subscription(arn);
    book.putSubscription({ ...subscription, ...readFields({ [name]: value }, FRAME, readSubscriptionAttributes) });
  },
});

export const snsOperations = (book: TopicBook, publisher: Publisher): Readonly<Record<string, JsonOperation>> => ({
  ...topicOperations(book),
  ...subscriptionOperations(book),
  ...tagOperations(book),
  ...publishOperations(book, publisher),
});
