import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import { keyNeeds } from '../iam/key-needs.ts';
import type { Topic } from './topic.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export const snsAccess = (identity: CloudIdentity, findTopic: (arn: string) => Topic | undefined): AccessRules => {
  const { partition, region, accountId } = identity;
  const onArn = (action: string, arn: string): readonly Need[] => [topicNeed(arn, action, findTopic(arn))];
  const byTopic = (action: string) => (input: Input) => onArn(action, textOf(input, 'TopicArn'));
  const byResource = (action: string) => (input: Input) => onArn(action, textOf(input, 'ResourceArn'));
  /** A subscription's ARN is its topic's and an id. */
  const bySubscription = (action: string) => (input: Input) =>
    onArn(action, textOf(input, 'SubscriptionArn').split(':').slice(0, 6).join(':'));
  const publish = (input: Input): readonly Need[] => {
    const arn = textOf(input, 'TopicArn') || textOf(input, 'TargetArn');
    const topic = findTopic(arn);
    return topic === undefined ? onArn('Publish', arn) : publishNeeds(identity, topic);
  };
  return {
    CreateTopic: (input) =>
      onArn('CreateTopic', `arn:${partition}:sns:${region}:${accountId}:${textOf(input, 'Name')}`),
    DeleteTopic: byTopic('DeleteTopic'),
    GetSubscriptionAttributes: bySubscription('GetSubscriptionAttributes'),
    GetTopicAttributes: byTopic('GetTopicAttributes'),
    ListSubscriptions: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
    ListSubscriptionsByTopic: byTopic('ListSubscriptionsByTopic'),
    ListTagsForResource: byResource('ListTagsForResource'),
    ListTopics: () => [{ action: 'sns:ListTopics', resource: '*' }],
    Publish: publish,
    PublishBatch: publish,
    SetSubscriptionAttributes: bySubscription('SetSubscriptionAttributes'),
    SetTopicAttributes: byTopic('SetTopicAttributes'),
    Subscribe: byTopic('Subscribe'),
    TagResource: byResource('TagResource'),
    Unsubscribe: bySubscription('Unsubscribe'),
    UntagResource: byResource('UntagResource'),
  };
};

const topicNeed = (resource: string, action: string, topic: Topic | undefined): Need => ({
  action: `sns:${action}`,
  resource,
  ...(topic?.policy === undefined ? {} : { resourcePolicy: topic.policy }),
});

/**
 * What a publisher needs, a person or a service: the topic, and its key if it has one.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export const publishNeeds = (identity: CloudIdentity, topic: Topic): readonly Need[] => {
  const { kmsKeyId } = topic;
  const keyArn =
    kmsKeyId === undefined || kmsKeyId.startsWith('arn:')
      ? kmsKeyId
      : `arn:${identity.partition}:kms:${identity.region}:${identity.accountId}:${kmsKeyId.startsWith('alias/') ? '' : 'key/'}${kmsKeyId}`;
  return [
    topicNeed(topic.arn, 'Publish', topic),
    ...keyNeeds(identity, { keyArn, actions: ['GenerateDataKey', 'Decrypt'], via: 'sns' }),
  ];
};
