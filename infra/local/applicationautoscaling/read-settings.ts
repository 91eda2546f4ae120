import type { Fields } from '../protocols/fields.ts';
import { DIMENSION, NAMESPACE, type PredefinedMetric, type ScalableTarget, type TargetTracking } from './records.ts';

/** What requests and templates say alike. */

const MOST_CAPACITY = 5_000;
/** ECS's: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html */
const DEFAULT_COOLDOWN_SECONDS = 300;
const LONGEST_COOLDOWN_SECONDS = 86_400;

/** Services of ECS scale here, and nothing else does. */
export const readPlace = (fields: Fields): string => {
  fields.choice('ServiceNamespace', [NAMESPACE]);
  fields.choice('ScalableDimension', [DIMENSION]);
  return fields.requiredText('ResourceId');
};

export const readTarget = (fields: Fields): Partial<Pick<ScalableTarget, 'min' | 'max' | 'suspended'>> => {
  // ECS has a role of its own for it, whatever is given.
  fields.ignore('a role that AWS makes acts', 'RoleARN');
  fields.ignore('no operation here reads tags back', 'Tags');
  const min = fields.integer('MinCapacity', { min: 0, max: MOST_CAPACITY });
  const max = fields.integer('MaxCapacity', { min: 0, max: MOST_CAPACITY });
  const suspended = fields.object('SuspendedState', (one) => {
    if (one.flag('ScheduledScalingSuspended') === true)
      throw one.refuse('ScheduledScalingSuspended', 'must be false here: nothing scales by schedule');
    return {
      scaleIn: one.flag('DynamicScalingInSuspended') ?? false,
      scaleOut: one.flag('DynamicScalingOutSuspended') ?? false,
    };
  });
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(suspended === undefined ? {} : { suspended }),
  };
};

const METRICS: readonly PredefinedMetric[] = ['ALBRequestCountPerTarget', 'ECSServiceAverageCPUUtilization'];
const LABEL = /^app\/[^/]+\/[^/]+\/targetgroup\/[^/]+\/[^/]+$/;

const readMetric = (fields: Fields): Pick<TargetTracking, 'metric' | 'resourceLabel'> => {
  const metric = fields.choice('PredefinedMetricType', METRICS);
  const resourceLabel = fields.text('ResourceLabel');
  if (metric === undefined) throw fields.refuse('PredefinedMetricType', 'is required');
  const needsLabel = metric === 'ALBRequestCountPerTarget';
  if (needsLabel !== (resourceLabel !== undefined && LABEL.test(resourceLabel)))
    throw fields.refuse(
      'ResourceLabel',
      needsLabel
        ? `must be app/<name>/<id>/targetgroup/<name>/<id>, got ${resourceLabel ?? 'none'}`
        : `must not be given with ${metric}`,
    );
  return { metric, resourceLabel };
};

/** @param member of the template's or the request's spelling */
export const readTracking = (fields: Fields): TargetTracking => {
  fields.choice('PolicyType', ['TargetTrackingScaling']);
  const tracking = fields.object('TargetTrackingScalingPolicyConfiguration', (one) => {
    const metric = one.object('PredefinedMetricSpecification', readMetric);
    const targetValue = one.number('TargetValue');
    const cooldown = (name: string): number =>
      one.integer(name, { min: 0, max: LONGEST_COOLDOWN_SECONDS }) ?? DEFAULT_COOLDOWN_SECONDS;
    const rest = {
      scaleOutCooldownSeconds: cooldown('ScaleOutCooldown'),
      scaleInCooldownSeconds: cooldown('ScaleInCooldown'),
      scaleInDisabled: one.flag('DisableScaleIn') ?? false,
    };
    if (metric === undefined) throw one.refuse('PredefinedMetricSpecification', 'is required');
    if (targetValue === undefined || targetValue <= 0)
      throw one.refuse('TargetValue', `must be above 0, got ${targetValue ?? 'none'}`);
    return { ...metric, targetValue, ...rest };
  });
  if (tracking === undefined) throw fields.refuse('TargetTrackingScalingPolicyConfiguration', 'is required');
  return tracking;
};
