import { SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { LambdaState } from '../lambda-state.ts';
import type { EventSourceMapping } from './mapping.ts';

/** A message of a queue as the SDK gives it to Lambda's poller. */
export interface QueueMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, SentAttribute>>;
}

interface SentAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** The calls of the queue's API that a mapping makes, as the function's role. */
export interface QueueMessages {
  receive(max: number): Promise<readonly QueueMessage[]>;
  delete(messages: readonly QueueMessage[]): Promise<void>;
  visibilityMs(): Promise<number>;
}

const MOST_PER_CALL = 10;

export const queueMessages = (state: LambdaState, mapping: EventSourceMapping): QueueMessages => {
  const { context, store } = state;
  const QueueUrl = `${context.endpoint()}/${context.accountId}/${mapping.eventSourceArn.split(':').at(-1)}`;
  const call = async (action: string, parameters: object): Promise<unknown> =>
    context.ports.call(
      'sqs',
      action,
      { QueueUrl, ...parameters },
      store.getFunction(mapping.function.name).settings.role,
    );
  return {
    receive: async (max) => {
      const answer = await call('ReceiveMessage', {
        MaxNumberOfMessages: Math.min(max, MOST_PER_CALL),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        // A wait would be for messages; the mapping is told of them instead.
        WaitTimeSeconds: 0,
      });
      return (answer as { readonly Messages?: readonly QueueMessage[] }).Messages ?? [];
    },
    delete: async (messages) => {
      for (let start = 0; start < messages.length; start += MOST_PER_CALL) {
        const some = messages.slice(start, start + MOST_PER_CALL);
        await call('DeleteMessageBatch', {
          Entries: some.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        });
      }
    },
    visibilityMs: async () => {
      const answer = await call('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] });
      const { Attributes } = answer as { readonly Attributes: { readonly VisibilityTimeout: string } };
      return Number(Attributes.VisibilityTimeout) * SECOND_MS;
    },
  };
};

const shownAttribute = ({ DataType, StringValue, BinaryValue }: SentAttribute) => ({
  ...(StringValue === undefined ? {} : { stringValue: StringValue }),
  ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export const queueRecord = (message: QueueMessage, { eventSourceArn }: EventSourceMapping, region: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [name, shownAttribute(attribute)]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: eventSourceArn,
  awsRegion: region,
});
