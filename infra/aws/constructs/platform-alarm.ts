import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What each alarm means and how to fix it stands in infra/RUNBOOK.md under a heading of this name. */
export type RunbookHeading =
  | 'drift'
  | 'heartbeat'
  | 'errors'
  | 'capture'
  | 'skew'
  | 'sample-ratio'
  | 'api-errors'
  | 'dead-letters';

export interface PlatformAlarmProps extends AlarmProps {
  readonly alarmName: string;
  readonly alarmDescription: string;
  readonly heading: RunbookHeading;
  readonly topic: ITopic;
}

/** An alarm that tells somebody, and says where to look. */
export class PlatformAlarm extends Alarm {
  constructor(scope: Construct, id: string, { heading, topic, ...props }: PlatformAlarmProps) {
    super(scope, id, { ...props, alarmDescription: `${props.alarmDescription} See infra/RUNBOOK.md#${heading}` });
    this.addAlarmAction(new SnsAction(topic));
  }
}
