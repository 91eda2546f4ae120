import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import { PlatformAlarm } from './platform-alarm.ts';

/** Where events and invocations of one stack end that nothing could handle, and the alarm that says so. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly stackPart: string; readonly topic: ITopic },
  ) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      // Its own key of SQS: EventBridge and Scheduler may write to it without a statement in the data stack's key.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new PlatformAlarm(this, 'Alarm', {
      alarmName: `millrace-${props.stage.name}-${props.stackPart}-dead-letters`,
      alarmDescription: `Events or invocations of the ${props.stackPart} stack could not be handled.`,
      heading: 'dead-letters',
      topic: props.topic,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'Maximum',
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
