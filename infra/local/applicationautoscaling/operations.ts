import type { CloudIdentity } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { readPlace, readTarget, readTracking } from './read-settings.ts';
import {
  DIMENSION,
  NAMESPACE,
  policiesOf,
  requireTarget,
  type ScalableTarget,
  type ScalingPolicy,
  type ScalingTables,
  serviceArn,
} from './records.ts';
import type { ScalingBook } from './scaling-book.ts';

const FRAME = { code: 'ValidationException' };
const ONE_PAGE = 'everything stands on one page';
const PLACE = { ServiceNamespace: NAMESPACE, ScalableDimension: DIMENSION };

const seconds = (ms: number): number => ms / 1_000;

/** What AWS calls a target, by its resource. */
export const targetArn = ({ partition, region, accountId }: CloudIdentity, resourceId: string): string =>
  `arn:${partition}:application-autoscaling:${region}:${accountId}:scalable-target/${resourceId.replaceAll('/', '-')}`;

const showTarget = (identity: CloudIdentity, { resourceId, min, max, suspended, createdAtMs }: ScalableTarget) => ({
  ...PLACE,
  ResourceId: resourceId,
  MinCapacity: min,
  MaxCapacity: max,
  RoleARN: `arn:${identity.partition}:iam::${identity.accountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
  CreationTime: seconds(createdAtMs),
  ScalableTargetARN: targetArn(identity, resourceId),
  SuspendedState: {
    DynamicScalingInSuspended: suspended.scaleIn,
    DynamicScalingOutSuspended: suspended.scaleOut,
    ScheduledScalingSuspended: false,
  },
});

const alarmsOf = (identity: CloudIdentity, { highAlarm, lowAlarm }: ScalingPolicy) =>
  [highAlarm, lowAlarm].map((name) => ({
    AlarmName: name,
    AlarmARN: `arn:${identity.partition}:cloudwatch:${identity.region}:${identity.accountId}:alarm:${name}`,
  }));

const showPolicy = (identity: CloudIdentity, policy: ScalingPolicy) => {
  const { arn, name, resourceId, tracking, createdAtMs } = policy;
  return {
    ...PLACE,
    PolicyARN: arn,
    PolicyName: name,
    ResourceId: resourceId,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: tracking.targetValue,
      PredefinedMetricSpecification: {
        PredefinedMetricType: tracking.metric,
        ...(tracking.resourceLabel === undefined ? {} : { ResourceLabel: tracking.resourceLabel }),
      },
      ScaleOutCooldown: tracking.scaleOutCooldownSeconds,
      ScaleInCooldown: tracking.scaleInCooldownSeconds,
      DisableScaleIn: tracking.scaleInDisabled,
    },
    Alarms: alarmsOf(identity, policy),
    CreationTime: seconds(createdAtMs),
  };
};

export const scalingOperations = (
  book: ScalingBook,
  tables: ScalingTables,
  identity: CloudIdentity,
): Readonly<Record<string, JsonOperation>> => ({
  RegisterScalableTarget: (input) => {
    const { resourceId, given } = readFields(input, FRAME, (fields) => ({
      resourceId: readPlace(fields),
      given: readTarget(fields),
    }));
    book.register(resourceId, given);
    return { ScalableTargetARN: targetArn(identity, resourceId) };
  },
  DeregisterScalableTarget: (input) => {
    book.deregister(requireTarget(tables, readFields(input, FRAME, readPlace)).resourceId);
    return {};
  },
  DescribeScalableTargets: (input) => {
    const wanted = readFields(input, FRAME, (fields) => {
      fields.choice('ServiceNamespace', [NAMESPACE]);
      fields.choice('ScalableDimension', [DIMENSION]);
      fields.ignore(ONE_PAGE, 'MaxResults');
      return fields.texts('ResourceIds');
    });
    const all = tables.targets.entries().map(([, target]) => target);
    const found = wanted === undefined ? all : all.filter(({ resourceId }) => wanted.includes(resourceId));
    return { ScalableTargets: found.map((target) => showTarget(identity, target)) };
  },
  PutScalingPolicy: (input) => {
    const { resourceId, name, tracking } = readFields(input, FRAME, (fields) => ({
      resourceId: readPlace(fields),
      name: fields.requiredText('PolicyName'),
      tracking: readTracking(fields),
    }));
    const policy = book.putPolicy(resourceId, name, tracking);
    return { PolicyARN: policy.arn, Alarms: alarmsOf(identity, policy) };
  },
  DeleteScalingPolicy: (input) => {
    const { resourceId, name } = readFields(input, FRAME, (fields) => ({
      resourceId: readPlace(fields),
      name: fields.requiredText('PolicyName'),
    }));
    book.deletePolicy(resourceId, name);
    return {};
  },
  DescribeScalingPolicies: (input) => {
    const resourceId = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'MaxResults');
      return readPlace(fields);
    });
    return { ScalingPolicies: policiesOf(tables, resourceId).map((policy) => showPolicy(identity, policy)) };
  },
  DescribeScalingActivities: (input) => {
    const resourceId = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'MaxResults');
      return readPlace(fields);
    });
    const newestFirst = tables.activities.entries(`${resourceId}|`).toReversed();
    return {
      ScalingActivities: newestFirst.map(([, { id, description, cause, atMs }]) => ({
        ...PLACE,
        ActivityId: id,
        ResourceId: resourceId,
        Description: description,
        Cause: cause,
        StartTime: seconds(atMs),
        EndTime: seconds(atMs),
        StatusCode: 'Successful',
        StatusMessage: `Successfully set desired count. ${serviceArn(identity, resourceId)}`,
      })),
    };
  },
});
