import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import { targetArn } from './operations.ts';
import { DIMENSION, NAMESPACE, serviceArn } from './records.ts';

const CONDITIONS = {
  'application-autoscaling:service-namespace': NAMESPACE,
  'application-autoscaling:scalable-dimension': DIMENSION,
};

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html */
export const scalingAccess = (identity: CloudIdentity): AccessRules => {
  const onTarget =
    (action: string) =>
    (input: Input): readonly Need[] => [
      {
        action: `application-autoscaling:${action}`,
        resource: targetArn(identity, textOf(input, 'ResourceId')),
        conditions: CONDITIONS,
      },
    ];
  const everywhere = (action: string) => (): readonly Need[] => [
    { action: `application-autoscaling:${action}`, resource: '*' },
  ];
  return {
    // Who registers a service must be allowed to do what is then done in its name:
    // https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
    RegisterScalableTarget: (input) => [
      ...onTarget('RegisterScalableTarget')(input),
      ...['DescribeServices', 'UpdateService'].map((action) => ({
        action: `ecs:${action}`,
        resource: serviceArn(identity, textOf(input, 'ResourceId')),
      })),
    ],
    DeregisterScalableTarget: onTarget('DeregisterScalableTarget'),
    PutScalingPolicy: onTarget('PutScalingPolicy'),
    DeleteScalingPolicy: onTarget('DeleteScalingPolicy'),
    DescribeScalableTargets: everywhere('DescribeScalableTargets'),
    DescribeScalingPolicies: everywhere('DescribeScalingPolicies'),
    DescribeScalingActivities: everywhere('DescribeScalingActivities'),
  };
};
