import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

const DESCRIBES = [
  'DescribeListeners',
  'DescribeLoadBalancers',
  'DescribeRules',
  'DescribeTargetGroups',
  'DescribeTargetHealth',
];

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html */
export const loadBalancingAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const arn = (resource: string): string => `arn:${partition}:elasticloadbalancing:${region}:${accountId}:${resource}`;
  const need = (action: string, resource: string): readonly Need[] => [
    { action: `elasticloadbalancing:${action}`, resource },
  ];
  const on = (action: string, member: string) => [
    action,
    (input: Input): readonly Need[] => need(action, textOf(input, member)),
  ];
  const named = (action: string, kind: string) => [
    action,
    (input: Input): readonly Need[] => need(action, arn(`${kind}/${textOf(input, 'Name')}/*`)),
  ];
  return Object.fromEntries([
    ...DESCRIBES.map((action) => [action, (): readonly Need[] => need(action, '*')]),
    named('CreateLoadBalancer', 'loadbalancer/app'),
    named('CreateTargetGroup', 'targetgroup'),
    on('CreateListener', 'LoadBalancerArn'),
    on('CreateRule', 'ListenerArn'),
    on('DeleteListener', 'ListenerArn'),
    on('DeleteLoadBalancer', 'LoadBalancerArn'),
    on('DeleteRule', 'RuleArn'),
    on('DeleteTargetGroup', 'TargetGroupArn'),
    on('DeregisterTargets', 'TargetGroupArn'),
    on('ModifyRule', 'RuleArn'),
    on('RegisterTargets', 'TargetGroupArn'),
  ]) as AccessRules;
};
