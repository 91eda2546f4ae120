import { AwsError, type ServiceContext } from '../contracts.ts';
import { compileEventPattern, type EventTest } from '../events/event-pattern.ts';
import type { MessageAttributes } from '../sqs/message-attributes.ts';

/** Topics and subscriptions as they are stored, and the one place that decides what they may say. */
export interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly displayName?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly policy?: unknown;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export const PROTOCOLS = ['lambda', 'sqs', 'email', 'http', 'https'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly rawDelivery: boolean;
  /** JSON text. */
  readonly filterPolicy?: string | undefined;
  readonly filterScope: 'MessageAttributes' | 'MessageBody';
  readonly deadLetterArn?: string | undefined;
}

export const topicArn = ({ region, accountId }: ServiceContext, name: string): string =>
  `arn:aws:sns:${region}:${accountId}:${name}`;

export const invalid = (message: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${message}`);

export const checkTopicName = (name: string): string => {
  if (name.endsWith('.fifo')) throw invalid(`FIFO topics are not supported here: ${name}`);
  if (/^[A-Za-z0-9_-]{1,256}$/.test(name)) return name;
  throw invalid(`Topic Name must be 1 to 256 letters, digits, - and _, got ${name}`);
};

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** @throws AwsError InvalidParameter for an endpoint that does not fit its protocol */
export const checkEndpoint = (protocol: Protocol, endpoint: string): void => {
  const isUrl = protocol === 'http' || protocol === 'https';
  if (isUrl && (!endpoint.startsWith(`${protocol}://`) || !LOOPBACK.has(new URL(endpoint).hostname))) {
    throw invalid(`an ${protocol} endpoint must be on loopback here, got ${endpoint}`);
  }
  if (protocol === 'email' && !/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalid(`Email address: ${endpoint}`);
  const service = protocol === 'lambda' || protocol === 'sqs' ? `arn:aws:${protocol}:` : '';
  if (!endpoint.startsWith(service))
    throw invalid(`${protocol} endpoint must be an ARN of ${protocol}, got ${endpoint}`);
};

const parse = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${what} must be JSON`);
  }
};

const MOST_FILTER_KEYS = 5;

/** Where SNS's filter policies are less than EventBridge's patterns. */
const checkFilterPolicy = (policy: object, scope: Subscription['filterScope']): void => {
  if (JSON.stringify(policy).includes('{"wildcard":')) throw invalid('FilterPolicy: Unrecognized match type wildcard');
  if (Object.keys(policy).length > MOST_FILTER_KEYS)
    throw invalid('FilterPolicy: Filter policy can not have more than 5 keys');
  if (scope === 'MessageBody') return;
  const nested = Object.entries(policy).find(([key, rule]) => key !== '$or' && !Array.isArray(rule));
  if (nested !== undefined) {
    throw invalid('FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy');
  }
};

/** @throws AwsError InvalidParameter */
export const parseFilterPolicy = (text: string, scope: Subscription['filterScope']): EventTest => {
  const policy = parse(text, 'FilterPolicy');
  if (typeof policy === 'object' && policy !== null) {
    if (Object.keys(policy).length === 0) return () => true;
    checkFilterPolicy(policy, scope);
  }
  try {
    return compileEventPattern(policy);
  } catch (error) {
    throw invalid(`FilterPolicy: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** What a filter policy over attributes sees: texts, numbers, and the elements of a String.Array. */
const attributeValue = (dataType: string, value: string | undefined): unknown => {
  if (value === undefined) return undefined;
  if (dataType === 'Number') return Number(value);
  if (dataType !== 'String.Array') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

export const passesFilter = (subscription: Subscription, message: string, attributes: MessageAttributes): boolean => {
  if (subscription.filterPolicy === undefined) return true;
  const test = parseFilterPolicy(subscription.filterPolicy, subscription.filterScope);
  if (subscription.filterScope === 'MessageAttributes') {
    const values = Object.entries(attributes).map(([name, one]) => [
      name,
      attributeValue(one.dataType, one.stringValue),
    ]);
    return test(Object.fromEntries(values));
  }
  try {
    return test(JSON.parse(message));
  } catch {
    return false;
  }
};
