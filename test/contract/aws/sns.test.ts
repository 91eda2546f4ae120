import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateService } from '../../../infra/local/contracts.ts';
import { createSnsService } from '../../../infra/local/sns/service.ts';
import { createSqsService, type SqsService } from '../../../infra/local/sqs/service.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

let target: ContractTarget;
let sns: SNSClient;
let sqs: SQSClient;
beforeAll(async () => {
  const local: { queues?: SqsService } = {};
  const queues: CreateService = (context) => {
    local.queues = createSqsService(context);
    return local.queues;
  };
  target = await openContractTarget([createSnsService, queues], {
    ports: { deliver: async (...delivery) => local.queues?.deliver(...delivery) },
  });
  sns = new SNSClient(target.clientConfig);
  sqs = new SQSClient(target.clientConfig);
});
afterAll(async () => {
  await target?.stop();
  sns?.destroy();
  sqs?.destroy();
});

let count = 0;
const nextName = (): string => {
  count += 1;
  return `${target.prefix}-${count}`;
};

const createTopic = async (): Promise<string> => {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: nextName() }));
  target.afterwards(() => sns.send(new DeleteTopicCommand({ TopicArn })));
  return TopicArn;
};

/** A queue that the topic may write to, subscribed to it. */
const subscribeQueue = async (TopicArn: string, Attributes: Record<string, string> = {}) => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: nextName() }));
  target.afterwards(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
  const { Attributes: shown } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Endpoint = shown?.QueueArn ?? '';
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Endpoint,
      Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const { SubscriptionArn = '' } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes, ReturnSubscriptionArn: true }),
  );
  const received = async (atLeast: number) => {
    const messages: Message[] = [];
    await target.eventually(`${atLeast} messages`, async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
      );
      messages.push(...Messages);
      return messages.length >= atLeast;
    });
    return messages;
  };
  return { SubscriptionArn, received };
};

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

describe('publishing', () => {
  it('reaches a queue in an envelope, or raw with its attributes', async () => {
    const TopicArn = await createTopic();
    const wrapped = await subscribeQueue(TopicArn);
    const raw = await subscribeQueue(TopicArn, { RawMessageDelivery: 'true' });

    const { MessageId } = await sns.send(
      new PublishCommand({
        TopicArn,
        Message: 'hello',
        Subject: 'greeting',
        MessageAttributes: { kind: text('test') },
      }),
    );

    expect(JSON.parse((await wrapped.received(1))[0]?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'greeting',
      Message: 'hello',
      MessageAttributes: { kind: { Type: 'String', Value: 'test' } },
    });
    expect((await raw.received(1))[0]).toMatchObject({
      Body: 'hello',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
    });
  });

  it('lets through what the filter policy wants, by attributes or by the body', async () => {
    const TopicArn = await createTopic();
    const byAttribute = await subscribeQueue(TopicArn, {
      RawMessageDelivery: 'true',
      FilterPolicy: '{"kind":["wanted",{"prefix":"very-"}]}',
    });
    const byBody = await subscribeQueue(TopicArn, {
      RawMessageDelivery: 'true',
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: '{"order":{"amount":[{"numeric":[">",10]}]}}',
    });
    const publish = (Message: string, kind: string) =>
      sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes: { kind: text(kind) } }));

    await publish('{"order":{"amount":5}}', 'wanted');
    await publish('{"order":{"amount":15}}', 'other');
    await publish('{"order":{"amount":20}}', 'very-wanted');

    expect((await byAttribute.received(2)).map(({ Body }) => Body).toSorted()).toEqual([
      '{"order":{"amount":20}}',
      '{"order":{"amount":5}}',
    ]);
    expect((await byBody.received(2)).map(({ Body }) => Body).toSorted()).toEqual([
      '{"order":{"amount":15}}',
      '{"order":{"amount":20}}',
    ]);
  });

  it('refuses what is too long, has no default text or a wrong subject', async () => {
    const TopicArn = await createTopic();
    const publish = (more: object) => sns.send(new PublishCommand({ TopicArn, Message: 'x', ...more }));

    await expect(publish({ Message: 'x'.repeat(262_145) })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Message too long',
    });
    await expect(publish({ MessageStructure: 'json', Message: '{"email":"x"}' })).rejects.toMatchObject({
      message: 'Invalid parameter: Message Structure - No default entry in JSON message body',
    });
    await expect(publish({ Subject: 'two\nlines' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(publish({ TopicArn: `${TopicArn}-none` })).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
    });
  });

  it('takes batches of up to ten', async () => {
    const TopicArn = await createTopic();
    const publish = (ids: readonly string[]) =>
      sns.send(
        new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: ids.map((Id) => ({ Id, Message: 'x' })) }),
      );

    expect((await publish(['a', 'b'])).Successful).toHaveLength(2);
    await expect(publish(Array.from({ length: 11 }, (_, index) => String(index)))).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequestException',
    });
    await expect(publish(['a', 'a'])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinctException' });
  });
});

describe('topics and subscriptions', () => {
  it('are made once, listed, changed and removed', async () => {
    const TopicArn = await createTopic();
    const { SubscriptionArn } = await subscribeQueue(TopicArn);
    await sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'RawMessageDelivery',
        AttributeValue: 'true',
      }),
    );

    const again = await sns.send(new CreateTopicCommand({ Name: TopicArn.split(':').at(-1) }));
    const shown = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    const listed = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));

    expect(again.TopicArn).toBe(TopicArn);
    expect(shown.Attributes).toMatchObject({ RawMessageDelivery: 'true', TopicArn, Protocol: 'sqs' });
    expect(listed.Subscriptions).toMatchObject([{ SubscriptionArn, Protocol: 'sqs' }]);
    await expect(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it('refuse a filter policy that SNS does not take', async () => {
    const TopicArn = await createTopic();
    const { SubscriptionArn } = await subscribeQueue(TopicArn);
    const filter = (AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue }),
      );

    await expect(filter('{"a":{"b":["c"]}}')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(filter('{"a":"not a list"}')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(filter('{"a":[{"unknown":1}]}')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('keep their attributes and tags', async () => {
    const TopicArn = await createTopic();
    await sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'a', Value: '1' }] }));

    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));

    expect(Attributes).toMatchObject({ TopicArn, SubscriptionsConfirmed: '0' });
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
  });
});
