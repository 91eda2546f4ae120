import { AwsError, type ServiceContext } from '../contracts.ts';
import { checkEndpoint, checkTopicName, parseFilterPolicy, type Subscription, type Topic, topicArn } from './topic.ts';

/** The durable topics and subscriptions. */
export interface TopicBook {
  /** @throws AwsError NotFound */
  readonly topic: (arn: string) => Topic;
  readonly topics: () => readonly Topic[];
  readonly putTopic: (topic: Omit<Topic, 'arn'>) => Topic;
  readonly deleteTopic: (arn: string) => void;
  readonly subscription: (arn: string) => Subscription;
  readonly subscriptions: (topicArn: string | undefined) => readonly Subscription[];
  /** The same topic, protocol and endpoint give the subscription that stands. */
  readonly subscribe: (settings: Omit<Subscription, 'arn'>) => Subscription;
  readonly putSubscription: (subscription: Subscription) => void;
  readonly unsubscribe: (arn: string) => void;
}

const notFound = (what: string): AwsError => new AwsError('NotFound', `${what} does not exist`, 404);

export const createTopicBook = (context: ServiceContext): TopicBook => {
  const topicTable = context.store.table<Topic>('sns.topics');
  const table = context.store.table<Subscription>('sns.subscriptions');

  const topic = (arn: string): Topic => {
    const found = topicTable.get(arn);
    if (found === undefined) throw notFound('Topic');
    return found;
  };

  const putSubscription = (subscription: Subscription): void => {
    checkEndpoint(subscription.protocol, subscription.endpoint);
    if (subscription.filterPolicy !== undefined) parseFilterPolicy(subscription.filterPolicy, subscription.filterScope);
    table.put(subscription.arn, subscription);
  };

  const subscriptions = (arn: string | undefined): readonly Subscription[] =>
    table.entries(arn === undefined ? '' : `${arn}:`).map(([, one]) => one);

  return {
    topic,
    putSubscription,
    subscriptions,
    topics: () => topicTable.entries().map(([, one]) => one),
    putTopic: (input) => {
      const made = { ...input, arn: topicArn(context, checkTopicName(input.name)) };
      topicTable.put(made.arn, made);
      return made;
    },
    deleteTopic: (arn) => {
      for (const one of subscriptions(arn)) table.delete(one.arn);
      topicTable.delete(arn);
    },
    subscription: (arn) => {
      const found = table.get(arn);
      if (found === undefined) throw notFound('Subscription');
      return found;
    },
    subscribe: (settings) => {
      topic(settings.topicArn);
      const { protocol, endpoint } = settings;
      const standing = subscriptions(settings.topicArn).find(
        (one) => one.protocol === protocol && one.endpoint === endpoint,
      );
      const made = { ...settings, arn: standing?.arn ?? `${settings.topicArn}:${context.ids.uuid()}` };
      putSubscription(made);
      return made;
    },
    unsubscribe: (arn) => table.delete(arn),
  };
};
