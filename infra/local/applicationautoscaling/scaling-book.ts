import { createHash } from 'node:crypto';
import type { AlarmStateValue, MetricAlarmSettings } from '../cloudwatch/alarm.ts';
import type { TimeSeries } from '../cloudwatch/metric-math.ts';
import type { MetricStat, Range } from '../cloudwatch/metric-query.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import type { ServiceCapacity } from '../ecs/service-capacity.ts';
import {
  policiesOf,
  policyKey,
  requireTarget,
  type ScalableTarget,
  type ScalingPolicy,
  type ScalingTables,
  type TargetTracking,
} from './records.ts';
import { trackingAlarms } from './tracking-alarms.ts';

/** What is used of CloudWatch. */
export interface ScalingAlarms {
  put(alarm: MetricAlarmSettings): void;
  delete(name: string): void;
  stateOf(name: string): AlarmStateValue | undefined;
  values(metric: MetricStat, range: Range): TimeSeries;
}

export interface ScalingDeps {
  readonly context: ServiceContext;
  readonly tables: ScalingTables;
  readonly services: ServiceCapacity;
  readonly alarms: ScalingAlarms;
}

type Bounds = Partial<Pick<ScalableTarget, 'min' | 'max' | 'suspended'>>;

/** Activities of one target that are kept. */
const KEPT_ACTIVITIES = 50;
const OPEN = { scaleIn: false, scaleOut: false };

const bounded = (resourceId: string, { min, max }: Bounds): Required<Pick<Bounds, 'min' | 'max'>> => {
  if (min === undefined || max === undefined)
    throw new AwsError(
      'ValidationException',
      `MinCapacity and MaxCapacity are required for a new target ${resourceId}`,
    );
  if (min > max)
    throw new AwsError('ValidationException', `Maximum capacity cannot be less than minimum capacity: ${max} < ${min}`);
  return { min, max };
};

/** Targets and policies: what is wanted, whoever asks for it. `look` is called for a target that has changed. */
export const createScalingBook = (
  { context, tables, services, alarms }: ScalingDeps,
  look: (resourceId: string) => void,
) => {
  const { clock, ids, region, accountId, partition } = context;

  /** Tells apart what happens at one instant. */
  let activityCount = 0;

  /** Wants another number of tasks, and tells of it. */
  const setCapacity = (resourceId: string, count: number, cause: string): void => {
    services.set(resourceId, count);
    const [id, atMs] = [ids.uuid(), clock.nowMs()];
    const description = `Setting desired count to ${count}.`;
    activityCount += 1;
    const at = [atMs, activityCount].map((part) => String(part).padStart(16, '0')).join('|');
    tables.activities.put(`${resourceId}|${at}|${id}`, {
      id,
      resourceId,
      description,
      cause,
      atMs,
    });
    for (const [key] of tables.activities.entries(`${resourceId}|`).slice(0, -KEPT_ACTIVITIES))
      tables.activities.delete(key);
  };

  const removePolicy = ({ resourceId, name, highAlarm, lowAlarm }: ScalingPolicy): void => {
    for (const alarm of [highAlarm, lowAlarm]) alarms.delete(alarm);
    tables.policies.delete(policyKey(resourceId, name));
  };

  return {
    setCapacity,
    /** A service that runs is brought within its bounds at once, as AWS does it. */
    register: (resourceId: string, given: Bounds): ScalableTarget => {
      const standing = tables.targets.get(resourceId);
      const capacity = services.read(resourceId)?.desiredCount;
      if (capacity === undefined) throw new AwsError('ValidationException', `ECS service doesn't exist: ${resourceId}`);
      const { min, max } = bounded(resourceId, { ...standing, ...given });
      const suspended = given.suspended ?? standing?.suspended ?? OPEN;
      const createdAtMs = standing?.createdAtMs ?? clock.nowMs();
      const target: ScalableTarget = { ...standing, resourceId, min, max, suspended, createdAtMs };
      tables.targets.put(resourceId, target);
      if (capacity < min) setCapacity(resourceId, min, `minimum capacity was set to ${min}`);
      if (capacity > max) setCapacity(resourceId, max, `maximum capacity was set to ${max}`);
      look(resourceId);
      return target;
    },
    deregister: (resourceId: string): void => {
      for (const policy of policiesOf(tables, resourceId)) removePolicy(policy);
      tables.targets.delete(resourceId);
    },
    putPolicy: (resourceId: string, name: string, tracking: TargetTracking): ScalingPolicy => {
      requireTarget(tables, resourceId);
      const standing = tables.policies.get(policyKey(resourceId, name));
      const id = createHash('sha256').update(policyKey(resourceId, name)).digest('hex').slice(0, 32);
      const arn = `arn:${partition}:autoscaling:${region}:${accountId}:scalingPolicy:${id}:resource/ecs/${resourceId}:policyName/${name}`;
      const alarmOf = (kind: string): string => `TargetTracking-${resourceId}-Alarm${kind}-${id}`;
      const createdAtMs = standing?.createdAtMs ?? clock.nowMs();
      const named = { arn, name, resourceId, highAlarm: alarmOf('High'), lowAlarm: alarmOf('Low') };
      const policy: ScalingPolicy = { ...named, tracking, createdAtMs };
      tables.policies.put(policyKey(resourceId, name), policy);
      for (const alarm of trackingAlarms(policy)) alarms.put(alarm);
      return policy;
    },
    /** @throws AwsError ObjectNotFoundException */
    deletePolicy: (resourceId: string, name: string): void => {
      const policy = tables.policies.get(policyKey(resourceId, name));
      if (policy === undefined)
        throw new AwsError(
          'ObjectNotFoundException',
          `No scaling policy found for resource ID: ${resourceId}, policy name: ${name}`,
        );
      removePolicy(policy);
    },
  };
};

export type ScalingBook = ReturnType<typeof createScalingBook>;
