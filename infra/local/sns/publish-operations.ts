import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { type BatchWords, runBatch } from '../sqs/batch.ts';
import { attributeBytes, readMessageAttribute } from '../sqs/message-attributes.ts';
import type { PublishedMessage, Publisher } from './publisher.ts';
import { invalid } from './topic.ts';
import type { TopicBook } from './topic-book.ts';

const FRAME = { code: 'InvalidParameter' };
/** With its attributes; of a batch together. https://docs.aws.amazon.com/general/latest/gr/sns.html */
const LARGEST_MESSAGE_BYTES = 262_144;

const BATCH_WORDS: BatchWords = {
  empty: "The batch request doesn't contain any entries.",
  tooMany: () => 'The batch request contains more entries than permissible.',
  repeated: () => 'Two or more batch entries in the request have the same Id.',
};

const readMessage = (fields: Fields): PublishedMessage => ({
  message: fields.requiredText('Message'),
  subject: fields.text('Subject'),
  attributes: fields.objectMap('MessageAttributes', readMessageAttribute) ?? {},
  perProtocol: fields.choice('MessageStructure', ['json']) === 'json',
});

const messageBytes = ({ message, attributes }: PublishedMessage): number =>
  Buffer.byteLength(message) + attributeBytes(attributes);

const checkStructure = (text: string): void => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (typeof parsed !== 'object' || parsed === null || !('default' in parsed)) {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
};

/** ASCII, beginning with a letter, digit or punctuation, without line breaks. */
const SUBJECT = /^(?! )[\x20-\x7e]{1,100}$/;

const checkMessage = (published: PublishedMessage): void => {
  if (messageBytes(published) > LARGEST_MESSAGE_BYTES) throw invalid('Message too long');
  if (published.subject !== undefined && !SUBJECT.test(published.subject)) throw invalid('Subject');
  if (published.perProtocol) checkStructure(published.message);
};

export const publishOperations = (book: TopicBook, publisher: Publisher): Readonly<Record<string, JsonOperation>> => ({
  Publish: (input) => {
    const { topicArn, targetArn, message } = readFields(input, FRAME, (fields) => ({
      topicArn: fields.text('TopicArn'),
      targetArn: fields.text('TargetArn'),
      message: readMessage(fields),
    }));
    const arn = topicArn ?? targetArn;
    if (arn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
    const topic = book.topic(arn);
    checkMessage(message);
    return { MessageId: publisher.publish(topic, message) };
  },
  PublishBatch: (input) => {
    const { arn, entries } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('TopicArn'),
      entries:
        fields.list('PublishBatchRequestEntries', (one) => ({ id: one.requiredText('Id'), ...readMessage(one) })) ?? [],
    }));
    const topic = book.topic(arn);
    const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0);
    if (bytes > LARGEST_MESSAGE_BYTES) {
      throw new AwsError(
        'BatchRequestTooLong',
        'The length of all the batch messages put together is more than the limit.',
      );
    }
    return {
      Failed: [],
      ...runBatch(BATCH_WORDS, entries, (entry) => {
        checkMessage(entry);
        return { MessageId: publisher.publish(topic, entry) };
      }),
    };
  },
});
