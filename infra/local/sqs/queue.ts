import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';

/** A standard queue as it is stored, and the one place that decides what its attributes may be. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly settings: QueueSettings;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface QueueSettings {
  readonly delaySeconds: number;
  readonly maximumMessageSize: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly visibilitySeconds: number;
  readonly kmsKeyId?: string | undefined;
  readonly policy?: unknown;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
}

export const queueArn = ({ region, accountId }: ServiceContext, name: string): string =>
  `arn:aws:sqs:${region}:${accountId}:${name}`;

export const checkQueueName = (name: string): string => {
  if (name.endsWith('.fifo'))
    throw new AwsError('InvalidParameterValue', `FIFO queues are not supported here: ${name}`);
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return name;
  throw new AwsError('InvalidParameterValue', `QueueName must be 1 to 80 letters, digits, - and _, got ${name}`);
};

const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw new AwsError('InvalidAttributeValue', `must be JSON, got ${value.slice(0, 100)}`);
  }
};

const readRedrive = (value: unknown): QueueSettings['redrive'] => {
  const policy = parsed(value) as { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } | undefined;
  if (policy === undefined || (policy as unknown) === '') return undefined;
  const maxReceiveCount = Number(policy.maxReceiveCount);
  if (typeof policy.deadLetterTargetArn !== 'string' || !(maxReceiveCount >= 1 && maxReceiveCount <= 1000)) {
    throw new AwsError('InvalidAttributeValue', 'RedrivePolicy must have deadLetterTargetArn and maxReceiveCount');
  }
  return { deadLetterArn: policy.deadLetterTargetArn, maxReceiveCount };
};

export const DEFAULT_SETTINGS: QueueSettings = {
  delaySeconds: 0,
  maximumMessageSize: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  visibilitySeconds: 30,
};

/** A dead-letter queue must stand before a queue names it. @throws AwsError InvalidParameterValue */
export const checkRedrive = ({ redrive }: QueueSettings, byArn: (arn: string) => Queue | undefined): void => {
  if (redrive === undefined || byArn(redrive.deadLetterArn) !== undefined) return;
  const value = JSON.stringify({
    deadLetterTargetArn: redrive.deadLetterArn,
    maxReceiveCount: redrive.maxReceiveCount,
  });
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
  );
};

/** The attributes that are given; the API and the template name them alike, but for a few. */
export const readQueueSettings = (fields: Fields): Partial<QueueSettings> => {
  fields.ignore(
    'what lies on this disk is not encrypted by it',
    'SqsManagedSseEnabled',
    'KmsDataKeyReusePeriodSeconds',
  );
  if (fields.flag('FifoQueue') === true || fields.raw('ContentBasedDeduplication') !== undefined) {
    throw fields.refuse('FifoQueue', 'is not supported here');
  }
  const redrive = fields.raw('RedrivePolicy');
  const kmsKeyId = fields.text('KmsMasterKeyId');
  const policy = fields.raw('Policy');
  const given = {
    delaySeconds: fields.integer('DelaySeconds', { min: 0, max: 900 }),
    maximumMessageSize: fields.integer('MaximumMessageSize', { min: 1024, max: 1_048_576 }),
    retentionSeconds: fields.integer('MessageRetentionPeriod', { min: 60, max: 1_209_600 }),
    receiveWaitSeconds: fields.integer('ReceiveMessageWaitTimeSeconds', { min: 0, max: 20 }),
    visibilitySeconds: fields.integer('VisibilityTimeout', { min: 0, max: 43_200 }),
  };
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<QueueSettings>),
    // An empty text takes the attribute away.
    ...(kmsKeyId === undefined ? {} : { kmsKeyId: kmsKeyId || undefined }),
    ...(policy === undefined ? {} : { policy: policy === '' ? undefined : parsed(policy) }),
    ...(redrive === undefined ? {} : { redrive: readRedrive(redrive) }),
  };
};
