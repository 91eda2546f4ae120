import { AwsError, type ServiceContext } from '../contracts.ts';
import {
  type Action,
  arnSuffix,
  type Listener,
  type LoadBalancer,
  type LoadBalancingTables,
  type Rule,
  requireKnown,
  type TargetGroup,
} from './records.ts';

/** Puts what a request or a template says, keyed by its name: the same again changes nothing but what is said. */
export interface LoadBalancingBook {
  readonly tables: LoadBalancingTables;
  putLoadBalancer(given: Omit<LoadBalancer, 'arn' | 'createdAtMs'>): LoadBalancer;
  putTargetGroup(given: Omit<TargetGroup, 'arn'>): TargetGroup;
  putListener(given: Omit<Listener, 'arn'>): Listener;
  putRule(given: Omit<Rule, 'arn'> & { readonly arn?: string }): Rule;
  deleteListener(arn: string): void;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/;

const requireName = (kind: string, name: string): void => {
  if (NAME.test(name)) return;
  throw new AwsError(
    'ValidationError',
    `${kind} name must be 1 to 32 letters, digits and inner hyphens, got ${JSON.stringify(name)}`,
  );
};

export const groupsOf = (action: Action): readonly string[] =>
  action.type === 'forward' ? action.groups.map(({ targetGroupArn }) => targetGroupArn) : [];

export const createLoadBalancingBook = (
  context: Pick<ServiceContext, 'region' | 'accountId' | 'partition' | 'clock'>,
  tables: LoadBalancingTables,
): LoadBalancingBook => {
  const { region, accountId, partition, clock } = context;
  const arnOf = (resource: string): string =>
    `arn:${partition}:elasticloadbalancing:${region}:${accountId}:${resource}`;
  const requireGroups = (action: Action): void => {
    for (const arn of groupsOf(action)) requireKnown(tables, 'targetGroups', arn);
  };
  const rulesOf = (listenerArn: string): readonly Rule[] =>
    tables.rules
      .entries()
      .map(([, rule]) => rule)
      .filter((rule) => rule.listenerArn === listenerArn);

  return {
    tables,
    putLoadBalancer: (given) => {
      requireName('load balancer', given.name);
      const arn = arnOf(`loadbalancer/app/${given.name}/${arnSuffix(given.name)}`);
      const createdAtMs = tables.loadBalancers.get(arn)?.createdAtMs ?? clock.nowMs();
      const loadBalancer = { arn, ...given, createdAtMs };
      tables.loadBalancers.put(arn, loadBalancer);
      return loadBalancer;
    },
    putTargetGroup: (given) => {
      requireName('target group', given.name);
      const arn = arnOf(`targetgroup/${given.name}/${arnSuffix(given.name)}`);
      const targetGroup = { arn, ...given };
      tables.targetGroups.put(arn, targetGroup);
      return targetGroup;
    },
    putListener: (given) => {
      requireKnown(tables, 'loadBalancers', given.loadBalancerArn);
      requireGroups(given.defaultAction);
      const arn = `${given.loadBalancerArn.replace(':loadbalancer/', ':listener/')}/${arnSuffix(String(given.port))}`;
      const listener = { arn, ...given };
      tables.listeners.put(arn, listener);
      return listener;
    },
    putRule: ({ arn: standing, ...given }) => {
      requireKnown(tables, 'listeners', given.listenerArn);
      requireGroups(given.action);
      const taken = rulesOf(given.listenerArn).find(({ priority }) => priority === given.priority);
      if (taken !== undefined && taken.arn !== standing)
        throw new AwsError('PriorityInUse', `Priority '${given.priority}' is currently in use`);
      const suffix = arnSuffix(`${given.listenerArn}/${given.priority}`);
      const arn = standing ?? `${given.listenerArn.replace(':listener/', ':listener-rule/')}/${suffix}`;
      const rule = { arn, ...given };
      tables.rules.put(arn, rule);
      return rule;
    },
    deleteListener: (arn) => {
      for (const rule of rulesOf(arn)) tables.rules.delete(rule.arn);
      tables.listeners.delete(arn);
    },
  };
};
