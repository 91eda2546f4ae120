import type { CloudIdentity } from '../contracts.ts';
import { groupsOf } from './load-balancing-book.ts';
import type { Action, Listener, LoadBalancer, LoadBalancingTables, Rule, Target, TargetGroup } from './records.ts';

/** Records as the API tells them. */

export const dnsNameOf = ({ name, scheme }: LoadBalancer, { region }: CloudIdentity): string =>
  `${scheme === 'internal' ? 'internal-' : ''}${name}.${region}.elb.localhost`;

export const showLoadBalancer = (loadBalancer: LoadBalancer, identity: CloudIdentity) => ({
  LoadBalancerArn: loadBalancer.arn,
  DNSName: dnsNameOf(loadBalancer, identity),
  CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
  CreatedTime: new Date(loadBalancer.createdAtMs),
  LoadBalancerName: loadBalancer.name,
  Scheme: loadBalancer.scheme,
  State: { Code: 'active' },
  Type: 'application',
  IpAddressType: 'ipv4',
  SecurityGroups: loadBalancer.securityGroups,
  AvailabilityZones: loadBalancer.subnets.map((SubnetId) => ({ SubnetId })),
});

/** The load balancers whose listeners and rules name a group. */
const usersOf = ({ listeners, rules }: LoadBalancingTables, targetGroupArn: string): readonly string[] => {
  const named = [
    ...listeners.entries().map(([, { arn, defaultAction }]) => ({ listenerArn: arn, action: defaultAction })),
    ...rules.entries().map(([, { listenerArn, action }]) => ({ listenerArn, action })),
  ].filter(({ action }) => groupsOf(action).includes(targetGroupArn));
  return [...new Set(named.flatMap(({ listenerArn }) => listeners.get(listenerArn)?.loadBalancerArn ?? []))];
};

export const showTargetGroup = (tables: LoadBalancingTables, group: TargetGroup) => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: 'HTTP',
  ProtocolVersion: 'HTTP1',
  Port: group.port,
  VpcId: group.vpcId,
  TargetType: 'ip',
  IpAddressType: 'ipv4',
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckPath: group.healthCheck.path,
  HealthCheckIntervalSeconds: group.healthCheck.intervalSeconds,
  HealthCheckTimeoutSeconds: group.healthCheck.timeoutSeconds,
  HealthyThresholdCount: group.healthCheck.healthyThreshold,
  UnhealthyThresholdCount: group.healthCheck.unhealthyThreshold,
  Matcher: { HttpCode: group.healthCheck.matcher },
  LoadBalancerArns: usersOf(tables, group.arn),
});

const showAction = (action: Action) =>
  action.type === 'forward'
    ? {
        Type: 'forward',
        ...(action.groups.length === 1 ? { TargetGroupArn: action.groups[0]?.targetGroupArn } : {}),
        ForwardConfig: {
          TargetGroups: action.groups.map(({ targetGroupArn, weight }) => ({
            TargetGroupArn: targetGroupArn,
            Weight: weight,
          })),
          TargetGroupStickinessConfig: { Enabled: false },
        },
      }
    : {
        Type: 'fixed-response',
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ContentType: action.contentType,
          MessageBody: action.messageBody,
        },
      };

export const showListener = (listener: Listener) => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancerArn,
  Port: listener.port,
  Protocol: 'HTTP',
  DefaultActions: [showAction(listener.defaultAction)],
});

export const showRule = ({ arn, priority, pathPatterns, action }: Rule) => ({
  RuleArn: arn,
  Priority: String(priority),
  Conditions: [{ Field: 'path-pattern', Values: pathPatterns, PathPatternConfig: { Values: pathPatterns } }],
  Actions: [showAction(action)],
  IsDefault: false,
});

export const showDefaultRule = ({ arn, defaultAction }: Listener) => ({
  RuleArn: `${arn.replace(':listener/', ':listener-rule/')}/default`,
  Priority: 'default',
  Conditions: [],
  Actions: [showAction(defaultAction)],
  IsDefault: true,
});

export const showTargetHealth = ({ id, port, state, reason }: Target) => ({
  Target: { Id: id, Port: port },
  HealthCheckPort: String(port),
  TargetHealth: { State: state, Reason: reason },
});
