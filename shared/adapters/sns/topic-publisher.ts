import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { callingService } from '../../kernel/unavailable.ts';
import type { TopicPublisher } from '../../ports/notification-store.ts';

/** A list of texts, which filters of subscriptions match any of. https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const listAttribute = (values: readonly string[]) => ({
  DataType: 'String.Array',
  StringValue: JSON.stringify(values),
});

export const createTopicPublisher = (client: SNSClient = new SNSClient({})): TopicPublisher => ({
  publish: async ({ topicArn, subject, text, recipients }) => {
    const attributes = recipients === undefined ? {} : { MessageAttributes: { recipients: listAttribute(recipients) } };
    const command = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: text, ...attributes });
    await callingService('SNS', () => client.send(command));
  },
});
