import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { policy, sendTo } from '../permissions.ts';

/** The role by which Scheduler calls the targets of one stack. */
export const schedulerRole = (
  scope: Construct,
  id: string,
  options: { readonly statements: readonly PolicyStatement[]; readonly deadLetterQueue: IQueue },
): Role =>
  new Role(scope, id, {
    description: 'EventBridge Scheduler calls the targets of its schedules',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    inlinePolicies: { schedules: policy([...options.statements, ...sendTo(options.deadLetterQueue)]) },
  });

export interface ScheduleProps {
  readonly name: string;
  /** @default Scheduler's default group */
  readonly groupName?: string;
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  readonly description: string;
  readonly targetArn: string;
  readonly roleArn: string;
  readonly input: Readonly<Record<string, string>>;
  readonly deadLetterQueue: IQueue;
}

/** The instant a schedule was due, filled in by Scheduler: the same in every retry. */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** One schedule with retries and dead letters. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    new CfnSchedule(this, 'Schedule', {
      name: props.name,
      ...(props.groupName === undefined ? {} : { groupName: props.groupName }),
      description: props.description,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: props.targetArn,
        roleArn: props.roleArn,
        input: JSON.stringify(props.input),
        retryPolicy: { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 5 },
        deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
      },
    });
  }
}
