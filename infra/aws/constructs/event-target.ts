import type { IRule, IRuleTarget, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

export interface EventTargetProps {
  readonly arn: string;
  /** The role by which EventBridge calls the target. */
  readonly role: Role;
  readonly deadLetterQueue: Queue;
  /** @default the whole event */
  readonly input?: RuleTargetInput;
}

/**
 * A target that EventBridge calls by a role. Not the CDK's targets: for a topic they put a statement into the data
 * stack that no condition can narrow, for a state machine they add a policy to the role that has one already.
 */
export const eventTarget = ({ arn, role, deadLetterQueue, input }: EventTargetProps): IRuleTarget => ({
  bind: (rule: IRule) => {
    deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [deadLetterQueue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    return {
      arn,
      role,
      deadLetterConfig: { arn: deadLetterQueue.queueArn },
      retryPolicy: { maximumRetryAttempts: 24, maximumEventAgeInSeconds: 86_400 },
      ...(input === undefined ? {} : { input }),
    };
  },
});
