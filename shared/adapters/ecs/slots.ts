import { DescribeServicesCommand, type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SERVICE_SLOTS, type ServiceSlot, servingClusterName, slotServiceName } from '../../contracts/names.ts';
import { assert } from '../../kernel/assert.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { type ServiceClients, translate } from './clients.ts';
import { versionIn } from './task-definitions.ts';

/** One of the two services of a model. */
export interface Slot {
  readonly slot: ServiceSlot;
  readonly service: string;
  readonly definitionArn: string;
  readonly version: string;
  readonly desiredCount: number;
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly rolloutStateReason: string;
  readonly targetGroupArn: string;
}

/** Both slots, and how the load balancer divides what is asked between them. */
export interface ServiceState {
  readonly slots: readonly Slot[];
  readonly ruleArn: string;
  readonly loadBalancerArn: string;
  /** By slot; 0 for one that gets nothing. */
  readonly weights: Readonly<Record<ServiceSlot, number>>;
}

/** `millrace-<stage>-serve-<model>`. */
export const clusterOf = (serviceName: string): string => servingClusterName(serviceName.split('-')[1] ?? '');

const slotOf = (service: Service, slot: ServiceSlot): Slot => {
  const { serviceName, taskDefinition, desiredCount = 0, deployments = [], loadBalancers = [] } = service;
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  const targetGroupArn = loadBalancers[0]?.targetGroupArn;
  assert(serviceName !== undefined && taskDefinition !== undefined, 'ECS described a service without its name');
  assert(targetGroupArn !== undefined, `service ${serviceName} has a target group`);
  return {
    slot,
    service: serviceName,
    definitionArn: taskDefinition,
    version: versionIn(taskDefinition),
    desiredCount,
    rolloutState: primary?.rolloutState ?? 'IN_PROGRESS',
    rolloutStateReason: primary?.rolloutStateReason ?? '',
    targetGroupArn,
  };
};

/** @throws NotFoundError */
export const readSlots = async ({ ecs }: ServiceClients, serviceName: string): Promise<readonly Slot[]> => {
  const names = SERVICE_SLOTS.map((slot) => slotServiceName(serviceName, slot));
  const { services = [] } = await ecs
    .send(new DescribeServicesCommand({ cluster: clusterOf(serviceName), services: names }))
    .catch(translate);
  return SERVICE_SLOTS.map((slot, index) => {
    const service = services.find((one) => one.serviceName === names[index] && one.status === 'ACTIVE');
    if (service === undefined) throw new NotFoundError(`service ${names[index]} does not exist`);
    return slotOf(service, slot);
  });
};

const groupsOf = ({ Actions = [] }: Rule) => Actions[0]?.ForwardConfig?.TargetGroups ?? [];

/** Where the load balancer of a target group is, as its rules know it. */
export const loadBalancerOf = async ({ elb }: ServiceClients, targetGroupArn: string): Promise<string> => {
  const { TargetGroups = [] } = await elb
    .send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }))
    .catch(translate);
  const arn = TargetGroups[0]?.LoadBalancerArns?.[0];
  if (arn === undefined) throw new NotFoundError(`no load balancer leads to ${targetGroupArn}`);
  return arn;
};

/** @throws NotFoundError */
export const readServiceState = async (clients: ServiceClients, serviceName: string): Promise<ServiceState> => {
  const slots = await readSlots(clients, serviceName);
  const [{ targetGroupArn }] = slots as [Slot];
  const loadBalancerArn = await loadBalancerOf(clients, targetGroupArn);
  const { Listeners = [] } = await clients.elb.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }));
  const { Rules = [] } = await clients.elb.send(new DescribeRulesCommand({ ListenerArn: Listeners[0]?.ListenerArn }));
  const rule = Rules.find((one) => groupsOf(one).some(({ TargetGroupArn }) => TargetGroupArn === targetGroupArn));
  if (rule?.RuleArn === undefined) throw new NotFoundError(`no rule of ${loadBalancerArn} leads to ${serviceName}`);
  const weightOf = (slot: ServiceSlot): number => {
    const group = slots.find((one) => one.slot === slot)?.targetGroupArn;
    return groupsOf(rule).find(({ TargetGroupArn }) => TargetGroupArn === group)?.Weight ?? 0;
  };
  return { slots, ruleArn: rule.RuleArn, loadBalancerArn, weights: { a: weightOf('a'), b: weightOf('b') } };
};

export const setWeights = async (
  { elb }: ServiceClients,
  { slots, ruleArn }: ServiceState,
  weights: ServiceState['weights'],
): Promise<void> => {
  const groups = slots.map(({ slot, targetGroupArn }) => ({ TargetGroupArn: targetGroupArn, Weight: weights[slot] }));
  await elb
    .send(
      new ModifyRuleCommand({
        RuleArn: ruleArn,
        Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: groups } }],
      }),
    )
    .catch(translate);
};

export const updateSlot = async (
  { ecs }: ServiceClients,
  serviceName: string,
  { service }: Slot,
  change: { readonly taskDefinition?: string; readonly desiredCount: number },
): Promise<void> => {
  await ecs.send(new UpdateServiceCommand({ cluster: clusterOf(serviceName), service, ...change })).catch(translate);
};
