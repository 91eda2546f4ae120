import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqsService } from '../../../../../infra/local/sqs/service.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';
import { callJson, sendWire } from '../../../../helpers/wire-request.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';

const start = async (Attributes: object = {}) => {
  const local = await startLocalService(createSqsService);
  onTestFinished(() => local.stop());
  const service = local.services[0] as ReturnType<typeof createSqsService>;
  const call = callJson(service, 'AmazonSQS');
  const { QueueUrl } = await call('CreateQueue', { QueueName: 'work', Attributes });
  const receive = async (input: object = {}) => {
    const { Messages = [] } = await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...input });
    return Messages as { Body: string; ReceiptHandle: string; Attributes?: Record<string, string> }[];
  };
  const visible = () =>
    local.recorded.metrics
      .filter(({ name }) => name === 'ApproximateNumberOfMessagesVisible')
      .map(({ value }) => value);
  return { ...local, service, call, QueueUrl, receive, visible };
};

describe('a queue', () => {
  it('gives a message to one receiver, and again when its visibility ends', async () => {
    const { call, clock, QueueUrl, receive } = await start();
    await call('SendMessage', { QueueUrl, MessageBody: 'one' });

    const [first] = await receive();
    const meanwhile = await receive();
    await clock.advanceBy(30_000);
    const [again] = await receive({ MessageSystemAttributeNames: ['All'] });
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: again?.ReceiptHandle });
    await clock.advanceBy(30_000);

    expect(first?.Body).toBe('one');
    expect(meanwhile).toEqual([]);
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(await receive()).toEqual([]);
  });

  it('ignores a delete with a receipt that is not the newest', async () => {
    const { call, clock, QueueUrl, receive } = await start();
    await call('SendMessage', { QueueUrl, MessageBody: 'one' });
    const [first] = await receive();
    await clock.advanceBy(30_000);
    await receive();

    await call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle });
    await clock.advanceBy(30_000);

    expect(await receive()).toHaveLength(1);
  });

  it('holds a message back for its delay', async () => {
    const { call, clock, QueueUrl, receive } = await start();
    await call('SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 60 });

    const before = await receive();
    await clock.advanceBy(60_000);

    expect(before).toEqual([]);
    expect(await receive()).toHaveLength(1);
  });

  it('waits for a message on the virtual clock', async () => {
    const { call, clock, QueueUrl, receive } = await start();
    const waiting = receive({ WaitTimeSeconds: 20 });
    await call('SendMessage', { QueueUrl, MessageBody: 'now' });
    const found = await waiting;
    const empty = receive({ WaitTimeSeconds: 20 });
    await clock.advanceBy(20_000);

    expect(found.map(({ Body }) => Body)).toEqual(['now']);
    expect(await empty).toEqual([]);
  });

  it('moves a message that was received too often to the dead-letter queue', async () => {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 2 });
    const { call, clock, QueueUrl, receive } = await start();
    const dead = await call('CreateQueue', { QueueName: 'dead' });
    await call('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy } });
    await call('SendMessage', { QueueUrl, MessageBody: 'poison' });

    const seen: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      seen.push((await receive()).length);
      await clock.advanceBy(30_000);
    }

    expect(seen).toEqual([1, 1, 0]);
    expect((await receive({ QueueUrl: dead.QueueUrl })).map(({ Body }) => Body)).toEqual(['poison']);
  });

  it('forgets a message past its retention', async () => {
    const { call, clock, QueueUrl, receive } = await start({ MessageRetentionPeriod: '60' });
    await call('SendMessage', { QueueUrl, MessageBody: 'old' });
    await clock.advanceBy(61_000);

    expect(await receive()).toEqual([]);
  });

  it('tells its visible messages every minute while it has some, and then no more', async () => {
    const { service, call, clock, QueueUrl, receive, visible } = await start();
    await service.deliver(`${ARN}:work`, 'dead letter', {
      MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'X' } },
    });
    await clock.advanceBy(120_000);
    const [message] = await receive({ MessageAttributeNames: ['All'] });
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    await clock.advanceBy(600_000);

    expect(visible().slice(0, 3)).toEqual([1, 1, 1]);
    expect(visible().at(-1)).toBe(0);
    expect(message).toMatchObject({ MessageAttributes: { ERROR_CODE: { StringValue: 'X' } } });
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it('answers batches entry by entry with the digests that SDKs verify', async () => {
    const { call, QueueUrl } = await start({ MaximumMessageSize: '1024' });
    const Entries = [
      {
        Id: 'a',
        MessageBody: 'hello',
        MessageAttributes: { City: { DataType: 'String', StringValue: 'Any City' } },
      },
      { Id: 'b', MessageBody: 'x'.repeat(1_025) },
    ];

    const answer = await call('SendMessageBatch', { QueueUrl, Entries });

    expect(answer.Successful[0].MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(answer.Failed[0]).toMatchObject({ Id: 'b', Code: 'InvalidParameterValue' });
  });

  it('refuses FIFO queues, and names a missing queue as old clients do', async () => {
    const { call, service, endpoint } = await start();
    const body = JSON.stringify({ QueueUrl: `${endpoint}/000000000000/none` });
    const missing = await sendWire(service, { headers: { 'x-amz-target': 'AmazonSQS.PurgeQueue' }, body });

    await expect(call('CreateQueue', { QueueName: 'a.fifo' })).rejects.toThrow('FIFO');
    expect(missing.headers?.['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  });

  it('is provisioned with its URL, and keeps its messages when that is repeated', async () => {
    const { service, call, endpoint } = await start();
    const context = {
      stackName: 's',
      logicalId: 'Dead',
      generatedName: 's-Dead-1',
      properties: { MessageRetentionPeriod: 1_209_600 },
    };
    const made = await service.resources['AWS::SQS::Queue']?.create(context);
    await call('SendMessage', { QueueUrl: made?.physicalId, MessageBody: 'kept' });
    await service.resources['AWS::SQS::Queue']?.create(context);

    const { Attributes } = await call('GetQueueAttributes', { QueueUrl: made?.physicalId, AttributeNames: ['All'] });
    expect(made?.attributes).toMatchObject({ Arn: `${ARN}:s-Dead-1`, QueueName: 's-Dead-1' });
    expect(made?.physicalId).toBe(`${endpoint}/000000000000/s-Dead-1`);
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '1', MessageRetentionPeriod: '1209600' });
  });
});
