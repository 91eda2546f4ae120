import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqsService } from '../../../infra/local/sqs/service.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

let target: ContractTarget;
let client: SQSClient;
beforeAll(async () => {
  target = await openContractTarget([createSqsService]);
  client = new SQSClient(target.clientConfig);
});
afterAll(async () => {
  await target?.stop();
  client?.destroy();
});

let count = 0;
const nextName = (): string => {
  count += 1;
  return `${target.prefix}-${count}`;
};

const createQueue = async (Attributes: Record<string, string> = {}) => {
  const QueueName = nextName();
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
  target.afterwards(() => client.send(new DeleteQueueCommand({ QueueUrl })));
  return { QueueName, QueueUrl };
};

const arnOf = async (QueueUrl: string): Promise<string> => {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.QueueArn ?? '';
};

/** AWS asks all its servers only when it waits; here there is one, and its time moves by `wait` alone. */
const receive = async (QueueUrl: string, more: object = {}) => {
  const WaitTimeSeconds = target.name === 'aws' ? 1 : 0;
  const answer = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds, ...more }),
  );
  return answer.Messages ?? [];
};

const statusOf = (error: unknown) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

describe('messages', () => {
  it('come back with their attributes and the digests that the SDK verifies', async () => {
    const { QueueUrl } = await createQueue();
    const sent = await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'hello',
        MessageAttributes: {
          city: { DataType: 'String', StringValue: 'Any City' },
          bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
          number: { DataType: 'Number.int', StringValue: '42' },
        },
      }),
    );

    const [message] = await receive(QueueUrl, { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });

    expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'hello',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{12,13}$/) },
    });
    expect(message?.MessageAttributes?.bytes?.BinaryValue).toEqual(new Uint8Array([0, 255]));
    expect(message?.MessageAttributes?.number).toMatchObject({ DataType: 'Number.int', StringValue: '42' });
  });

  it('are hidden until their visibility time-out is over, and a delete needs the newest receipt', async () => {
    const { QueueUrl } = await createQueue({ VisibilityTimeout: '5' });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));

    const [first] = await receive(QueueUrl);
    const hidden = await receive(QueueUrl, { WaitTimeSeconds: 0 });
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [second] = await receive(QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    await target.wait(6_000);

    expect(hidden).toEqual([]);
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(await receive(QueueUrl)).toEqual([]);
  });

  it('go to the dead-letter queue after the last receive', async () => {
    const dead = await createQueue();
    const deadArn = await arnOf(dead.QueueUrl);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 1 });
    const { QueueUrl } = await createQueue({ RedrivePolicy, VisibilityTimeout: '0' });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));

    const seen = await receive(QueueUrl);
    let letters: Awaited<ReturnType<typeof receive>> = [];
    await target.eventually('the letter is there', async () => {
      await receive(QueueUrl, { WaitTimeSeconds: 0 });
      letters = await receive(dead.QueueUrl, { MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'] });
      return letters.length > 0;
    });
    const sources = await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }));

    expect(seen.map(({ Body }) => Body)).toEqual(['poison']);
    expect(letters[0]).toMatchObject({
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: await arnOf(QueueUrl) },
    });
    expect(sources.queueUrls).toHaveLength(1);
  });

  it('wait for their delay', async () => {
    const { QueueUrl } = await createQueue();
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 5 }));

    const soon = await receive(QueueUrl, { WaitTimeSeconds: 0 });
    await target.wait(6_000);

    expect(soon).toEqual([]);
    expect((await receive(QueueUrl)).map(({ Body }) => Body)).toEqual(['later']);
  });
});

describe('batches', () => {
  it('succeed and fail entry by entry', async () => {
    const { QueueUrl } = await createQueue({ MaximumMessageSize: '1024' });

    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'small', MessageBody: 'x' },
          { Id: 'large', MessageBody: 'x'.repeat(1_025) },
        ],
      }),
    );
    const deleted = await client.send(
      new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'not one' }] }),
    );

    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['small']);
    expect(sent.Failed).toMatchObject([{ Id: 'large', Code: 'InvalidParameterValue', SenderFault: true }]);
    expect(deleted.Failed).toMatchObject([{ Id: 'a', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
  });

  it('are refused as a whole when they are empty, too long or repeat an id', async () => {
    const { QueueUrl } = await createQueue();
    const send = (ids: readonly string[]) =>
      client
        .send(new SendMessageBatchCommand({ QueueUrl, Entries: ids.map((Id) => ({ Id, MessageBody: 'x' })) }))
        .catch((error: unknown) => error);

    expect(await send([])).toMatchObject({ name: 'EmptyBatchRequest' });
    expect(await send(Array.from({ length: 11 }, (_, index) => String(index)))).toMatchObject({
      name: 'TooManyEntriesInBatchRequest',
      message: 'Maximum number of entries per request are 10. You have sent 11.',
    });
    expect(await send(['a', 'a'])).toMatchObject({ name: 'BatchEntryIdsNotDistinct', message: 'Id a repeated.' });
    expect(await send(['a b'])).toMatchObject({ name: 'InvalidBatchEntryId' });
  });
});

describe('limits and refusals', () => {
  it('refuse a message above the size of the queue', async () => {
    const { QueueUrl } = await createQueue({ MaximumMessageSize: '1024' });

    const refused = client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x'.repeat(1_000),
        MessageAttributes: { more: { DataType: 'String', StringValue: 'y'.repeat(20) } },
      }),
    );

    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining('Message must be shorter than 1024 bytes'),
    });
  });

  it('name a queue that is not there', async () => {
    const error = await client
      .send(new GetQueueUrlCommand({ QueueName: `${target.prefix}-none` }))
      .catch((one: unknown) => one);

    expect(error).toMatchObject({ name: 'QueueDoesNotExist' });
    expect(statusOf(error)).toBe(400);
  });

  it('refuse an unknown attribute and a dead-letter queue that does not exist', async () => {
    const { QueueUrl } = await createQueue();
    const arn = await arnOf(QueueUrl);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${arn}-none`, maxReceiveCount: 3 });

    await expect(
      client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Nonsense' as 'All'] })),
    ).rejects.toMatchObject({ name: 'InvalidAttributeName', message: 'Unknown Attribute Nonsense.' });
    await expect(
      client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } })),
    ).rejects.toMatchObject({ message: expect.stringContaining('Dead letter target does not exist') });
  });

  it('allow one purge a minute', async () => {
    const { QueueUrl } = await createQueue();
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'gone' }));

    await client.send(new PurgeQueueCommand({ QueueUrl }));

    await expect(client.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
    });
  });
});

describe('queues', () => {
  it('are made once by the same name and attributes', async () => {
    const { QueueName, QueueUrl } = await createQueue({ DelaySeconds: '1' });
    const again = (DelaySeconds: string) =>
      client.send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds } }));

    expect((await again('1')).QueueUrl).toBe(QueueUrl);
    await expect(again('2')).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  it('are listed by prefix, page by page', async () => {
    await createQueue();
    await createQueue();
    const first = await client.send(new ListQueuesCommand({ QueueNamePrefix: target.prefix, MaxResults: 1 }));
    const second = await client.send(
      new ListQueuesCommand({ QueueNamePrefix: target.prefix, MaxResults: 1, NextToken: first.NextToken }),
    );

    expect(first.QueueUrls).toHaveLength(1);
    expect(second.QueueUrls).toHaveLength(1);
    expect(second.QueueUrls).not.toEqual(first.QueueUrls);
  });

  it('keep their tags', async () => {
    const { QueueUrl } = await createQueue();
    await client.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));

    expect((await client.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' });
  });
});
