import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AwsError, NO_FAULTS } from '../../../../../infra/local/contracts.ts';
import { createSnsService } from '../../../../../infra/local/sns/service.ts';
import { type LocalServiceOptions, startLocalService } from '../../../../helpers/local-service.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const start = async (options: LocalServiceOptions = {}) => {
  const local = await startLocalService(createSnsService, options);
  onTestFinished(() => local.stop());
  const client = new SNSClient(local.clientConfig);
  const { TopicArn } = await client.send(new CreateTopicCommand({ Name: 'alerts' }));
  const subscribe = (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
    client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
  const publish = (Message: string, more: object = {}) =>
    client.send(new PublishCommand({ TopicArn, Message, ...more }));
  return { ...local, client, TopicArn, subscribe, publish };
};

describe('a topic', () => {
  it('reaches functions and queues in the form that each expects', async () => {
    const { subscribe, publish, clock, recorded, TopicArn } = await start();
    await subscribe('lambda', FUNCTION);
    await subscribe('sqs', QUEUE);
    await subscribe('sqs', `${QUEUE}-raw`, { RawMessageDelivery: 'true' });

    const attributes = { kind: { DataType: 'String', StringValue: 'drill' } };
    const { MessageId } = await publish('{"a":"<&>"}', { Subject: 'hello', MessageAttributes: attributes });
    await clock.settle();

    const byTarget = new Map(recorded.deliveries.map((delivery) => [delivery.targetArn, delivery]));
    const sns = { Type: 'Notification', MessageId, TopicArn, Subject: 'hello', Message: '{"a":"<&>"}' };
    expect(JSON.parse(byTarget.get(FUNCTION)?.payload ?? '')).toMatchObject({
      Records: [
        { EventSource: 'aws:sns', Sns: { ...sns, MessageAttributes: { kind: { Type: 'String', Value: 'drill' } } } },
      ],
    });
    expect(JSON.parse(byTarget.get(QUEUE)?.payload ?? '')).toMatchObject(sns);
    expect(byTarget.get(`${QUEUE}-raw`)).toMatchObject({
      payload: '{"a":"<&>"}',
      parameters: { MessageAttributes: { kind: { DataType: 'String', StringValue: 'drill' } } },
    });
  });

  it('puts mail into the outbox', async () => {
    const { subscribe, publish, clock, store } = await start();
    await subscribe('email', 'ops@example.com');

    await publish('the drift alarm rings', { Subject: 'ALARM' });
    await clock.settle();

    const [file = ''] = readdirSync(join(store.folder, 'outbox'));
    expect(JSON.parse(readFileSync(join(store.folder, 'outbox', file), 'utf8'))).toMatchObject({
      to: 'ops@example.com',
      subject: 'ALARM',
      message: 'the drift alarm rings',
    });
  });

  it('posts to a URL on loopback, and to no other', async () => {
    const { subscribe, publish, clock } = await start();
    const received: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk) => received.push(String(chunk)));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    await subscribe('http', `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);

    await publish('hi');
    await clock.settle();

    expect(JSON.parse(received.join(''))).toMatchObject({ Type: 'Notification', Message: 'hi' });
    await expect(subscribe('https', 'https://example.com/hook')).rejects.toThrow('loopback');
  });

  it.each<[policy: object, scope: string, passes: boolean]>([
    [{ kind: ['alarm', 'drill'] }, 'MessageAttributes', true],
    [{ kind: [{ 'anything-but': 'drill' }] }, 'MessageAttributes', false],
    [{ score: [{ numeric: ['>', 3] }] }, 'MessageAttributes', true],
    [{ absent: [{ exists: false }] }, 'MessageAttributes', true],
    [{ detail: { model: ['births'] } }, 'MessageBody', true],
    [{ detail: { model: ['flights'] } }, 'MessageBody', false],
  ])('filters by %j over %s', async (policy, FilterPolicyScope, passes) => {
    const { subscribe, publish, clock, recorded } = await start();
    await subscribe('sqs', QUEUE, { FilterPolicy: JSON.stringify(policy), FilterPolicyScope });

    await publish('{"detail":{"model":"births"}}', {
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'drill' },
        score: { DataType: 'Number', StringValue: '3.5' },
      },
    });
    await clock.settle();

    expect(recorded.deliveries).toHaveLength(passes ? 1 : 0);
  });

  it('tries a failing subscriber again and ends in its dead-letter queue', async () => {
    const { subscribe, publish, clock, recorded } = await start({
      ports: {
        deliver: async (arn) => {
          if (arn === FUNCTION) throw new AwsError('ResourceNotFoundException', 'no function', 404);
        },
      },
    });
    await subscribe('lambda', FUNCTION, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QUEUE }) });

    await publish('lost');
    await clock.advanceBy(60_000);

    expect(recorded.deliveries.map(({ targetArn }) => targetArn)).toEqual([FUNCTION, QUEUE]);
    expect(JSON.parse(recorded.deliveries[1]?.payload ?? '')).toMatchObject({ Type: 'Notification', Message: 'lost' });
  });

  it('tries a function again at once, then after growing pauses, as SNS does', async () => {
    const instants: number[] = [];
    const { subscribe, publish, clock } = await start({
      ports: {
        deliver: async () => {
          instants.push(clock.nowMs());
          throw new AwsError('ServiceException', 'down', 500);
        },
      },
    });
    await subscribe('lambda', FUNCTION);
    await publish('x');
    await clock.advanceBy(60_000);

    const pauses = instants.slice(1).map((atMs, index) => (atMs - (instants[index] ?? 0)) / 1_000);
    expect(pauses.slice(0, 12)).toEqual([0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20]);
  });

  it('delivers to a subscriber twice where a fault says so', async () => {
    const { subscribe, publish, clock, recorded } = await start({
      faults: { ...NO_FAULTS, delivery: () => ({ kind: 'duplicate' }) },
    });
    await subscribe('lambda', FUNCTION);
    await publish('x');
    await clock.settle();

    expect(recorded.deliveries.map(({ targetArn }) => targetArn)).toEqual([FUNCTION, FUNCTION]);
  });

  it('takes a batch and a text for each protocol', async () => {
    const { client, subscribe, clock, recorded, TopicArn } = await start();
    await subscribe('sqs', QUEUE, { RawMessageDelivery: 'true' });
    const Message = JSON.stringify({ default: 'all', sqs: 'for queues' });

    const answer = await client.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: '1', Message: 'plain' },
          { Id: '2', Message, MessageStructure: 'json' },
        ],
      }),
    );
    await clock.settle();

    expect(answer.Successful).toHaveLength(2);
    expect(recorded.deliveries.map(({ payload }) => payload)).toEqual(['plain', 'for queues']);
  });

  it('is provisioned once, with its subscriptions and policy', async () => {
    const { client, services } = await start();
    const context = { stackName: 's', logicalId: 'T', generatedName: 's-T-1' };
    const provide = (type: string, properties: object) =>
      services[0]?.resources[type]?.create({ ...context, properties: { ...properties } });
    const topic = await provide('AWS::SNS::Topic', { KmsMasterKeyId: 'key' });
    const arn = topic?.physicalId ?? '';
    const subscription = { TopicArn: arn, Protocol: 'email', Endpoint: 'ops@example.com' };
    const first = await provide('AWS::SNS::Subscription', subscription);
    const again = await provide('AWS::SNS::Subscription', subscription);
    await provide('AWS::SNS::TopicPolicy', { Topics: [arn], PolicyDocument: { Statement: [] } });
    await provide('AWS::SNS::Topic', { KmsMasterKeyId: 'key' });

    const listed = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }));
    const shown = await client.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    expect(topic?.attributes).toEqual({ TopicArn: arn, TopicName: 's-T-1' });
    expect(again?.physicalId).toBe(first?.physicalId);
    expect(listed.Subscriptions).toHaveLength(1);
    expect(shown.Attributes).toMatchObject({ KmsMasterKeyId: 'key', Policy: '{"Statement":[]}' });
  });

  it('refuses what it does not support', async () => {
    const { client, subscribe, publish } = await start();

    await expect(client.send(new CreateTopicCommand({ Name: 'a.fifo' }))).rejects.toThrow('FIFO');
    await expect(subscribe('sms', '+100')).rejects.toThrow('Protocol');
    await expect(subscribe('sqs', QUEUE, { DeliveryPolicy: '{}' })).rejects.toThrow('DeliveryPolicy');
    await expect(publish('x', { TopicArn: 'arn:aws:sns:us-east-1:000000000000:none' })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});
