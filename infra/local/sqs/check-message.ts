import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { attributeBytes, type MessageAttributes, readMessageAttribute } from './message-attributes.ts';
import type { Queue } from './queue.ts';

/**
 * What a message may be.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */

/** Of one message with its attributes, and of all messages of a batch together. */
export const LARGEST_MESSAGE_BYTES = 1_048_576;
const MOST_ATTRIBUTES = 10;
const ATTRIBUTE_NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;
/** All of Unicode but the control characters that XML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

export interface GivenMessage {
  readonly body: string;
  readonly delaySeconds: number | undefined;
  readonly attributes: MessageAttributes;
}

export const readMessage = (fields: Fields): GivenMessage => ({
  body: fields.requiredText('MessageBody'),
  delaySeconds: fields.integer('DelaySeconds', { min: 0, max: 900 }),
  attributes: fields.objectMap('MessageAttributes', readMessageAttribute) ?? {},
});

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

export const messageBytes = ({ body, attributes }: GivenMessage): number =>
  Buffer.byteLength(body) + attributeBytes(attributes);

/** @throws AwsError InvalidParameterValue, InvalidMessageContents */
export const checkMessage = (queue: Queue, message: GivenMessage): void => {
  const names = Object.keys(message.attributes);
  if (names.length > MOST_ATTRIBUTES) {
    throw invalid(`Number of message attributes [${names.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`);
  }
  const wrong = names.find((name) => !ATTRIBUTE_NAME.test(name));
  if (wrong !== undefined) throw invalid(`The message attribute name '${wrong}' is invalid.`);
  if (FORBIDDEN.test(message.body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const { maximumMessageSize } = queue.settings;
  if (messageBytes(message) > maximumMessageSize) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageSize} bytes.`,
    );
  }
};
