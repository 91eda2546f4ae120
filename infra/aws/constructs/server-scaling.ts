import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { TasksDefinition } from '../../../shared/contracts/model-definition.ts';
import { CLOSED_SCALING, isScaled, type TaskRange } from '../../../shared/contracts/service-tasks.ts';
import type { ServingNetwork } from './serving-network.ts';

export type ScaledTasks = Exclude<TasksDefinition, number>;

/** New tasks take a minute to be asked; a scale-in waits longer, since what it takes away takes a minute to be had again. */
const SCALE_OUT_COOLDOWN_SECONDS = 60;
const SCALE_IN_COOLDOWN_SECONDS = 300;

export const taskRangeOf = (tasks: TasksDefinition): TaskRange =>
  typeof tasks === 'number' ? { min: tasks, max: tasks } : { min: tasks.min, max: tasks.max };

/**
 * Lets the number of a service's tasks follow its load. With `bounds: 'by rollouts'` nothing scales until a rollout says
 * within which bounds: the target is the same whatever the definition says, so that no deploy sets bounds that a rollout
 * has set, nor starts tasks of a slot that gets no traffic.
 */
export const addServerScaling = (
  scope: Construct,
  id: string,
  props: {
    readonly service: CfnService;
    readonly serviceName: string;
    readonly network: ServingNetwork;
    /** As the load balancer's metrics call it. */
    readonly targetGroupFullName: string;
    readonly tasks: ScaledTasks;
    readonly bounds: 'by rollouts' | 'as defined';
  },
): void => {
  const { service, serviceName, network, targetGroupFullName, tasks, bounds } = props;
  const { min, max, cpuPercent, requestsPerMinute } = tasks;
  const { suspended } = CLOSED_SCALING;
  const target = new CfnScalableTarget(scope, id, {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: `service/${network.clusterName}/${serviceName}`,
    ...(bounds === 'as defined'
      ? { minCapacity: min, maxCapacity: max }
      : {
          minCapacity: CLOSED_SCALING.min,
          maxCapacity: CLOSED_SCALING.max,
          suspendedState: {
            dynamicScalingInSuspended: suspended.scaleIn,
            dynamicScalingOutSuspended: suspended.scaleOut,
          },
        }),
  });
  target.addResourceDependency(service);
  const policy = (name: string, metric: object, targetValue: number): CfnScalingPolicy =>
    new CfnScalingPolicy(scope, `${id}${name}`, {
      policyName: `${serviceName}-${name.toLowerCase()}`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: metric as { readonly predefinedMetricType: string },
        targetValue,
        scaleOutCooldown: SCALE_OUT_COOLDOWN_SECONDS,
        scaleInCooldown: SCALE_IN_COOLDOWN_SECONDS,
      },
    });
  policy('Processors', { predefinedMetricType: 'ECSServiceAverageCPUUtilization' }, cpuPercent);
  if (requestsPerMinute === undefined) return;
  const resourceLabel = `${network.loadBalancerFullName}/${targetGroupFullName}`;
  policy('Requests', { predefinedMetricType: 'ALBRequestCountPerTarget', resourceLabel }, requestsPerMinute);
};

/** What scales, where the number of tasks is not fixed. */
export const scaledTasks = (tasks: TasksDefinition): ScaledTasks | undefined =>
  typeof tasks === 'number' || !isScaled(tasks) ? undefined : tasks;
