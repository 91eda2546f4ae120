import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';

/** A standard queue as it is stored, and the one place that decides what its attributes may be. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly settings: QueueSettings;
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

/** The attributes by which `before` changes; the API and the template name them alike, but for a few. */
export const readQueueSettings = (fields: Fields, before: QueueSettings): QueueSettings => {
  fields.accept('SqsManagedSseEnabled', 'KmsDataKeyReusePeriodSeconds', 'RedriveAllowPolicy');
  if (fields.flag('FifoQueue') === true || fields.raw('ContentBasedDeduplication') !== undefined) {
    throw fields.refuse('FifoQueue', 'is not supported here');
  }
  const redrive = fields.raw('RedrivePolicy');
  return {
    delaySeconds: fields.integer('DelaySeconds', { min: 0, max: 900 }) ?? before.delaySeconds,
    maximumMessageSize:
      fields.integer('MaximumMessageSize', { min: 1024, max: 1_048_576 }) ?? before.maximumMessageSize,
    retentionSeconds: fields.integer('MessageRetentionPeriod', { min: 60, max: 1_209_600 }) ?? before.retentionSeconds,
    receiveWaitSeconds:
      fields.integer('ReceiveMessageWaitTimeSeconds', { min: 0, max: 20 }) ?? before.receiveWaitSeconds,
    visibilitySeconds: fields.integer('VisibilityTimeout', { min: 0, max: 43_200 }) ?? before.visibilitySeconds,
    kmsKeyId: fields.text('KmsMasterKeyId') ?? before.kmsKeyId,
    policy: parsed(fields.raw('Policy')) ?? before.policy,
    redrive: redrive === undefined ? before.redrive : readRedrive(redrive),
  };
};
