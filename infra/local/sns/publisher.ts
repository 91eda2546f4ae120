import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext, ServicePrincipal } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import { createDeliveryQueue, type Delivery } from '../events/delivery-queue.ts';
import { type MessageAttributes, shownAttributes } from '../sqs/message-attributes.ts';
import { passesFilter, type Subscription, type Topic } from './topic.ts';

/** Carries a published message to every subscription that wants it, with retries. */
export interface Publisher {
  /** Durable when it returns. @returns the message's id */
  readonly publish: (topic: Topic, message: PublishedMessage) => string;
  readonly resume: () => void;
}

export interface PublishedMessage {
  readonly message: string;
  readonly subject?: string | undefined;
  readonly attributes: MessageAttributes;
  /** `message` is JSON with a text for each protocol and `default`. */
  readonly perProtocol: boolean;
}

interface Notification extends Omit<PublishedMessage, 'perProtocol'> {
  readonly id: string;
  readonly topicArn: string;
  readonly at: string;
}

/** A payload carries all that its subscription's protocol needs, so that a later attempt needs nothing else. */
interface Parcel {
  readonly subscription: Subscription;
  readonly notification: Notification;
}

const NEVER_TOO_OLD = 30 * 86_400;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const TO_AWS = { maximumRetryAttempts: 100_015, maximumEventAgeSeconds: NEVER_TOO_OLD };
const TO_URL = { maximumRetryAttempts: 3, maximumEventAgeSeconds: 3_600 };
const BY_MAIL = { maximumRetryAttempts: 50, maximumEventAgeSeconds: 6 * 3_600 };
const RETRIES: Readonly<Record<Subscription['protocol'], RetryLimits>> = {
  lambda: TO_AWS,
  sqs: TO_AWS,
  email: BY_MAIL,
  http: TO_URL,
  https: TO_URL,
};

type RetryLimits = Pick<Delivery, 'maximumRetryAttempts' | 'maximumEventAgeSeconds'>;

/** Of SNS's own phases: at once, before the back-off, in it, and after it. */
const pauseToAwsMs = (attempts: number): number => {
  if (attempts <= 3) return 0;
  if (attempts <= 5) return SECOND_MS;
  return Math.min(2 ** Math.min(attempts - 6, 10), 20) * SECOND_MS;
};

const pauseMs = ({ attempts, payload }: Delivery): number => {
  const { subscription } = JSON.parse(payload) as Parcel;
  if (subscription.protocol === 'lambda' || subscription.protocol === 'sqs') return pauseToAwsMs(attempts);
  if (subscription.protocol !== 'email') return 20 * SECOND_MS;
  return attempts <= 2 ? 10 * SECOND_MS : Math.min(10 * 2 ** Math.min(attempts - 2, 10), 600) * SECOND_MS;
};

const attributesOnWire = (attributes: MessageAttributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { Type: dataType, Value: stringValue ?? binaryValue },
    ]),
  );

/** The signature is a constant: nothing here could verify one, and nobody may take it for one of AWS. */
const envelope = ({ subscription, notification }: Parcel, urlSuffix: 'Url' | 'URL') => ({
  Type: 'Notification',
  MessageId: notification.id,
  TopicArn: notification.topicArn,
  ...(notification.subject !== undefined && { Subject: notification.subject }),
  Message: notification.message,
  Timestamp: notification.at,
  SignatureVersion: '1',
  Signature: 'EMBEDDED',
  [`SigningCert${urlSuffix}`]: 'http://127.0.0.1/unsigned',
  [`Unsubscribe${urlSuffix}`]: `http://127.0.0.1/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
  ...(Object.keys(notification.attributes).length > 0 && {
    MessageAttributes: attributesOnWire(notification.attributes),
  }),
});

const lambdaEvent = (parcel: Parcel): string => {
  const sns = { Subject: null, MessageAttributes: {}, ...envelope(parcel, 'Url') };
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: parcel.subscription.arn,
    Sns: sns,
  };
  return JSON.stringify({ Records: [record] });
};

/** SNS in the name of a topic, as resource policies of subscribers know it. */
const topicItself = ({ subscription }: Parcel): ServicePrincipal => ({
  service: 'sns.amazonaws.com',
  sourceArn: subscription.topicArn,
});

const toQueue = (context: ServiceContext, parcel: Parcel): Promise<void> => {
  const { subscription, notification } = parcel;
  if (!subscription.rawDelivery) {
    return context.ports.deliver(
      subscription.endpoint,
      JSON.stringify(envelope(parcel, 'URL')),
      {},
      topicItself(parcel),
    );
  }
  const MessageAttributes = shownAttributes(notification.attributes);
  return context.ports.deliver(subscription.endpoint, notification.message, { MessageAttributes }, topicItself(parcel));
};

/** No mail leaves the machine: it lies in the outbox, and the cloud's log tells of it. */
const toOutbox = (context: ServiceContext, { subscription, notification }: Parcel): void => {
  const folder = join(context.store.folder, 'outbox');
  mkdirSync(folder, { recursive: true });
  const mail = {
    to: subscription.endpoint,
    subject: notification.subject ?? 'AWS Notification Message',
    at: notification.at,
    topicArn: notification.topicArn,
    message: notification.message,
  };
  const name = `${notification.at.replaceAll(/[:.]/g, '-')}-${notification.id}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(mail, null, 2)}\n`);
  context.ports.log({ level: 'info', message: 'mail in the outbox', to: mail.to, subject: mail.subject, file: name });
};

const toUrl = async (parcel: Parcel): Promise<void> => {
  const { subscription, notification } = parcel;
  const response = await fetch(subscription.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': notification.id,
      'x-amz-sns-topic-arn': notification.topicArn,
      'x-amz-sns-subscription-arn': subscription.arn,
      ...(subscription.rawDelivery && { 'x-amz-sns-rawdelivery': 'true' }),
    },
    body: subscription.rawDelivery ? notification.message : JSON.stringify(envelope(parcel, 'URL')),
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new AwsError('EndpointFailed', `${subscription.endpoint} answered ${response.status}`, 502);
};

const deliver = async (context: ServiceContext, parcel: Parcel): Promise<void> => {
  switch (parcel.subscription.protocol) {
    case 'lambda':
      return context.ports.deliver(parcel.subscription.endpoint, lambdaEvent(parcel), {}, topicItself(parcel));
    case 'sqs':
      return toQueue(context, parcel);
    case 'email':
      return toOutbox(context, parcel);
    case 'http':
    case 'https':
      return toUrl(parcel);
  }
};

const textFor = (message: PublishedMessage, protocol: string): string => {
  if (!message.perProtocol) return message.message;
  const texts = JSON.parse(message.message) as Readonly<Record<string, string>>;
  return texts[protocol] ?? texts.default ?? '';
};

export const createPublisher = (
  context: ServiceContext,
  subscriptionsOf: (topicArn: string) => readonly Subscription[],
): Publisher => {
  const { clock, store } = context;
  const queue = createDeliveryQueue(context, {
    tableName: 'sns.deliveries',
    service: 'sns',
    sourceOf: ({ attributes }) => attributes.SUBSCRIPTION_ARN?.split(':').at(-2) ?? '',
    deadLetterFrom: ({ payload }) => topicItself(JSON.parse(payload) as Parcel),
    deliver: (delivery) => deliver(context, JSON.parse(delivery.payload) as Parcel),
    pauseMs,
    explainsDeadLetter: false,
    deadLetterBody: ({ payload }) => {
      const parcel = JSON.parse(payload) as Parcel;
      return parcel.subscription.rawDelivery ? parcel.notification.message : JSON.stringify(envelope(parcel, 'URL'));
    },
  });

  const toDelivery = (subscription: Subscription, notification: Notification): Delivery => ({
    id: context.ids.uuid(),
    targetArn: subscription.endpoint,
    payload: JSON.stringify({ subscription, notification } satisfies Parcel),
    createdAtMs: clock.nowMs(),
    attempts: 0,
    nextAtMs: clock.nowMs(),
    ...RETRIES[subscription.protocol],
    deadLetterArn: subscription.deadLetterArn,
    attributes: { SUBSCRIPTION_ARN: subscription.arn },
  });

  return {
    publish: (topic, published) => {
      const id = context.ids.uuid();
      const at = new Date(clock.nowMs()).toISOString();
      const deliveries = subscriptionsOf(topic.arn).flatMap((subscription) => {
        const { subject, attributes } = published;
        const message = textFor(published, subscription.protocol);
        if (!passesFilter(subscription, message, attributes)) return [];
        return [toDelivery(subscription, { id, topicArn: topic.arn, at, message, subject, attributes })];
      });
      store.transaction(() => queue.store(deliveries));
      for (const delivery of deliveries) queue.schedule(delivery);
      const metric = { namespace: 'AWS/SNS', dimensions: { TopicName: topic.name }, value: 1, unit: 'Count' };
      context.ports.putMetric({ ...metric, name: 'NumberOfMessagesPublished' });
      return id;
    },
    resume: () => queue.resume(),
  };
};
