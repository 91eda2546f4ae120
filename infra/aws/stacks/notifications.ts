import { Stack } from 'aws-cdk-lib';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MANIFEST_FILE, REPORT_FILE } from '../../../shared/contracts/artifact-files.ts';
import { EVENT_SOURCE, type EventType } from '../../../shared/contracts/events.ts';
import { NOTIFICATION_PREFIX } from '../../../shared/contracts/names.ts';
import { RETRAINING_WORTH_FILE, STALENESS_FILE } from '../../../shared/contracts/retraining-worth.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import { allow, listObjects, readObjects, useItems, useItemsUnder, writeObjects } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** What people are told of, beside alarms; decisions end what waits for one, and the last one reminds people. */
const HEARD: readonly EventType[] = [
  'Drift Detected',
  'Quality Degraded',
  'Monitoring Tests Failed',
  'Training Refused',
  'Retraining Decided',
  'Rollout Started',
  'Rollout Promoted',
  'Rollout Rolled Back',
  'Approval Requested',
  'Model Version Approved',
  'Model Version Rejected',
  'Daily Report Written',
];

/** What pictures are drawn from, by folder of the artifact bucket. */
const PICTURED = [
  ['runs', RETRAINING_WORTH_FILE],
  ['runs', STALENESS_FILE],
  ['models', MANIFEST_FILE],
  ['models', REPORT_FILE],
] as const;

const targetsOf = ({ definitions }: PlatformStackProps, to: 'email' | 'sns' | 'webhook'): readonly string[] => [
  ...new Set(
    definitions.flatMap(({ notifications = [] }) =>
      notifications.filter((target) => target.to === to).map(({ target }) => target),
    ),
  ),
];

/** @throws InvalidRequestError for the stage's own address, which would be told everything twice. */
const checkAddresses = (addresses: readonly string[], { stage }: PlatformStackProps): void => {
  if (stage.email === undefined || !addresses.includes(stage.email)) return;
  throw new InvalidRequestError(
    `notifications must not name ${stage.email}: as the address of stage ${stage.name} it hears of every model already`,
  );
};

/** A topic whose subscriptions each take what is for their address; none where nobody declares one. */
const addMailTopic = (scope: Construct, props: PlatformStackProps): Topic | undefined => {
  const addresses = targetsOf(props, 'email');
  if (addresses.length === 0) return undefined;
  checkAddresses(addresses, props);
  const topic = new Topic(scope, 'MailTopic', { masterKey: props.data.key, enforceSSL: true });
  for (const address of addresses) {
    const recipients = SubscriptionFilter.stringFilter({ allowlist: [address] });
    topic.addSubscription(new EmailSubscription(address, { filterPolicy: { recipients } }));
  }
  return topic;
};

/** Tells people what happens to models: each episode once, severe ones daily until somebody acknowledges them. */
export const addNotifyPeople = (scope: Construct, props: PlatformStackProps, deadLetterQueue: Queue): void => {
  const { data, artifacts, registry, tracking, bus, alarmTopic, key } = props.data;
  const mailTopic = addMailTopic(scope, props);
  const topics = [
    alarmTopic.topicArn,
    ...(mailTopic === undefined ? [] : [mailTopic.topicArn]),
    ...targetsOf(props, 'sns'),
  ];
  const { lambda } = functionAdder(scope, props)('notify-people', {
    description: 'Tells people what happens to models',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      TRACKING_TABLE: tracking.table.tableName,
      DATA_BUCKET: data.bucket.bucketName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      ALARM_TOPIC_ARN: alarmTopic.topicArn,
      MAIL_TOPIC_ARN: mailTopic?.topicArn ?? 'none',
      WEBHOOK_ALLOW_HOSTS: props.stage.webhookAllowHosts,
    },
    statements: [
      ...useItems(registry, 'GetItem', 'Query'),
      ...useItemsUnder(registry, NOTIFICATION_PREFIX, 'PutItem'),
      // The secrets of receivers.
      ...(targetsOf(props, 'webhook').length === 0 ? [] : useItemsUnder(tracking, 'W/', 'Query')),
      ...readObjects(data, 'reports/'),
      ...readObjects(artifacts, ...PICTURED.map(([folder, file]) => `${folder}/*/*/${file}`)),
      // What is not on record has no picture: only who may list a bucket is told so.
      ...listObjects(data),
      ...listObjects(artifacts),
      ...writeObjects(data, 'reports/*/notifications/'),
      allow(['sns:Publish'], topics),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn], {
        StringEquals: { 'kms:ViaService': `sns.${Stack.of(scope).region}.amazonaws.com` },
      }),
    ],
    // Three attempts of ten seconds, with their pauses.
    timeoutSeconds: 55,
    deadLetterQueue,
  });
  const target = () => new LambdaFunction(lambda, { deadLetterQueue, retryAttempts: 24 });
  new Rule(scope, 'PeopleShouldHear', {
    description: 'Something happens to a model that people should hear of',
    eventBus: bus as IEventBus,
    eventPattern: { source: [EVENT_SOURCE], detailType: [...HEARD] },
    targets: [target()],
  });
  new Rule(scope, 'ModelAlarmChanged', {
    description: 'An alarm of this stage rings, or is over',
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      detail: {
        alarmName: [{ prefix: `millrace-${props.stage.name}-` }],
        state: { value: ['ALARM', 'OK'] },
      },
    },
    targets: [target()],
  });
};
