import { AwsError, type CloudIdentity, type DocumentTable, type ServiceContext } from '../contracts.ts';

export interface Suspended {
  readonly scaleIn: boolean;
  readonly scaleOut: boolean;
}

/** An ECS service whose number of tasks may follow metrics. */
export interface ScalableTarget {
  /** `service/<cluster>/<service>` */
  readonly resourceId: string;
  readonly min: number;
  readonly max: number;
  readonly suspended: Suspended;
  readonly createdAtMs: number;
  /** The last change by a policy: its cooldown runs from here. */
  readonly lastScaling?: Scaling;
}

export interface Scaling {
  readonly direction: 'out' | 'in';
  readonly fromCapacity: number;
  readonly atMs: number;
}

export type PredefinedMetric = 'ALBRequestCountPerTarget' | 'ECSServiceAverageCPUUtilization';

export interface TargetTracking {
  readonly metric: PredefinedMetric;
  /** `app/<name>/<id>/targetgroup/<name>/<id>` of a load balancer's metric. */
  readonly resourceLabel: string | undefined;
  readonly targetValue: number;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
  readonly scaleInDisabled: boolean;
}

export interface ScalingPolicy {
  readonly arn: string;
  readonly name: string;
  readonly resourceId: string;
  readonly tracking: TargetTracking;
  readonly highAlarm: string;
  readonly lowAlarm: string;
  readonly createdAtMs: number;
}

export interface ScalingActivity {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly atMs: number;
}

export interface ScalingTables {
  readonly targets: DocumentTable<ScalableTarget>;
  /** By `<resource id>|<policy name>`. */
  readonly policies: DocumentTable<ScalingPolicy>;
  /** The last of each target, by `<resource id>|<instant>|<count>|<id>`. */
  readonly activities: DocumentTable<ScalingActivity>;
}

export const NAMESPACE = 'ecs';
export const DIMENSION = 'ecs:service:DesiredCount';

export const openScalingTables = ({ store }: Pick<ServiceContext, 'store'>): ScalingTables => ({
  targets: store.table('application-autoscaling.targets'),
  policies: store.table('application-autoscaling.policies'),
  activities: store.table('application-autoscaling.activities'),
});

export const policyKey = (resourceId: string, name: string): string => `${resourceId}|${name}`;

export const policiesOf = ({ policies }: ScalingTables, resourceId: string): readonly ScalingPolicy[] =>
  policies.entries(`${resourceId}|`).map(([, policy]) => policy);

/** @throws AwsError ObjectNotFoundException */
export const requireTarget = ({ targets }: ScalingTables, resourceId: string): ScalableTarget => {
  const found = targets.get(resourceId);
  if (found !== undefined) return found;
  throw new AwsError(
    'ObjectNotFoundException',
    `No scalable target registered for service namespace: ${NAMESPACE}, resource ID: ${resourceId}, scalable dimension: ${DIMENSION}`,
  );
};

/** `service/<cluster>/<service>` as ECS's ARN of it. */
export const serviceArn = ({ partition, region, accountId }: CloudIdentity, resourceId: string): string =>
  `arn:${partition}:ecs:${region}:${accountId}:${resourceId}`;
