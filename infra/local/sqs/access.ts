import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import type { Queue } from './queue.ts';

/**
 * What each operation needs; a batch needs what its one-message operation needs.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 */
export const sqsAccess = (
  { partition, region, accountId }: CloudIdentity,
  findQueue: (name: string) => Queue | undefined,
): AccessRules => {
  const onName = (action: string, name: string): readonly Need[] => [
    queueNeed(`arn:${partition}:sqs:${region}:${accountId}:${name}`, action, findQueue(name)),
  ];
  const byUrl = (action: string) => (input: Input) => onName(action, textOf(input, 'QueueUrl').split('/').at(-1) ?? '');
  const byName = (action: string) => (input: Input) => onName(action, textOf(input, 'QueueName'));
  return {
    ChangeMessageVisibility: byUrl('ChangeMessageVisibility'),
    ChangeMessageVisibilityBatch: byUrl('ChangeMessageVisibility'),
    CreateQueue: byName('CreateQueue'),
    DeleteMessage: byUrl('DeleteMessage'),
    DeleteMessageBatch: byUrl('DeleteMessage'),
    DeleteQueue: byUrl('DeleteQueue'),
    GetQueueAttributes: byUrl('GetQueueAttributes'),
    GetQueueUrl: byName('GetQueueUrl'),
    ListDeadLetterSourceQueues: byUrl('ListDeadLetterSourceQueues'),
    ListQueueTags: byUrl('ListQueueTags'),
    ListQueues: () => [{ action: 'sqs:ListQueues', resource: '*' }],
    PurgeQueue: byUrl('PurgeQueue'),
    ReceiveMessage: byUrl('ReceiveMessage'),
    SendMessage: byUrl('SendMessage'),
    SendMessageBatch: byUrl('SendMessage'),
    SetQueueAttributes: byUrl('SetQueueAttributes'),
    TagQueue: byUrl('TagQueue'),
    UntagQueue: byUrl('UntagQueue'),
  };
};

const queueNeed = (resource: string, action: string, queue: Queue | undefined): Need => {
  const policy = queue?.settings.policy;
  return { action: `sqs:${action}`, resource, ...(policy === undefined ? {} : { resourcePolicy: policy }) };
};

/** What a service needs that puts a message on a queue. */
export const sendNeeds = (queue: Queue): readonly Need[] => [queueNeed(queue.arn, 'SendMessage', queue)];
