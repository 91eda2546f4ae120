import type {
  LocalService,
  ProvisionedResource,
  ResourceContext,
  ResourceProvider,
  ServiceContext,
  ServicePrincipal,
} from '../contracts.ts';
import { checkPolicy } from '../iam/check-policy.ts';
import { guardOperations, requireAll } from '../iam/guard.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import { createQueryHandler } from '../protocols/query.ts';
import { publishNeeds, snsAccess } from './access.ts';
import { snsOperations } from './operations.ts';
import { createPublisher } from './publisher.ts';
import { PROTOCOLS, type Protocol } from './topic.ts';
import { createTopicBook, type TopicBook } from './topic-book.ts';

export interface SnsService extends LocalService {
  /** Publishes; `parameters.Subject` becomes the subject. @throws AwsError NotFound */
  readonly deliver: (
    targetArn: string,
    payload: string,
    parameters?: Readonly<Record<string, unknown>>,
    from?: ServicePrincipal,
  ) => Promise<void>;
}

const readProtocol = (fields: Fields): Protocol => {
  const protocol = fields.choice('Protocol', PROTOCOLS);
  if (protocol === undefined) throw fields.refuse('Protocol', 'is required');
  return protocol;
};

const jsonText = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const readDeadLetter = (fields: Fields): string | undefined =>
  fields.object('RedrivePolicy', (policy) => policy.text('deadLetterTargetArn'));

/** The settings of a subscription but for its topic, as the template names them. */
const readSubscription = (fields: Fields) => ({
  protocol: readProtocol(fields),
  endpoint: fields.requiredText('Endpoint'),
  rawDelivery: fields.flag('RawMessageDelivery') ?? false,
  filterPolicy: jsonText(fields.raw('FilterPolicy')),
  filterScope:
    fields.choice('FilterPolicyScope', ['MessageAttributes', 'MessageBody']) ?? ('MessageAttributes' as const),
  deadLetterArn: readDeadLetter(fields),
});

const topicResource = (book: TopicBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { inline, ...settings } = readProperties(context, (fields) => {
      fields.accept('Tags');
      if (fields.flag('FifoTopic') === true) throw fields.refuse('FifoTopic', 'is not supported here');
      return {
        name: fields.text('TopicName') ?? context.generatedName,
        displayName: fields.text('DisplayName'),
        kmsKeyId: fields.text('KmsMasterKeyId'),
        inline: fields.list('Subscription', readSubscription) ?? [],
      };
    });
    const standing = book.topics().find(({ name }) => name === settings.name);
    const topic = book.putTopic({ ...settings, policy: standing?.policy });
    for (const subscription of inline) book.subscribe({ ...subscription, topicArn: topic.arn });
    return { physicalId: topic.arn, attributes: { TopicArn: topic.arn, TopicName: topic.name } };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.deleteTopic(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.deleteTopic(physicalId),
  };
};

const policyResource = (book: TopicBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { topics, policy } = readProperties(context, (fields) => ({
      topics: fields.texts('Topics') ?? [],
      policy: fields.raw('PolicyDocument'),
    }));
    checkPolicy(`${context.logicalId}.PolicyDocument`, policy, 'resource');
    for (const topic of topics.map(book.topic)) book.putTopic({ ...topic, policy });
    return { physicalId: context.generatedName, attributes: { Id: context.generatedName } };
  };
  return { create: async (context) => put(context), update: async (context) => put(context), delete: async () => {} };
};

const subscriptionResource = (book: TopicBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const settings = readProperties(context, (fields) => ({
      ...readSubscription(fields),
      topicArn: fields.requiredText('TopicArn'),
    }));
    const { arn } = book.subscribe(settings);
    return { physicalId: arn, attributes: { Arn: arn } };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.unsubscribe(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.unsubscribe(physicalId),
  };
};

/** SNS: standard topics, to functions, queues, an outbox for mail, and URLs on loopback. Nobody has to confirm. */
export const createSnsService = (context: ServiceContext): SnsService => {
  const book = createTopicBook(context);
  const publisher = createPublisher(context, book.subscriptions);
  const guard = { access: context.access, service: 'sns' };
  const findTopic = (arn: string) => book.topics().find((topic) => topic.arn === arn);
  return {
    signingName: 'sns',
    handle: createQueryHandler({
      namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
      operations: guardOperations(guard, snsAccess(context, findTopic), snsOperations(book, publisher)),
    }),
    resources: {
      'AWS::SNS::Topic': topicResource(book),
      'AWS::SNS::TopicPolicy': policyResource(book),
      'AWS::SNS::Subscription': subscriptionResource(book),
    },
    deliver: async (targetArn, payload, parameters = {}, from) => {
      const subject = typeof parameters.Subject === 'string' ? parameters.Subject : undefined;
      const topic = book.topic(targetArn);
      if (from !== undefined) requireAll(guard, from, publishNeeds(context, topic));
      publisher.publish(topic, { message: payload, subject, attributes: {}, perProtocol: false });
    },
    start: async () => publisher.resume(),
  };
};
