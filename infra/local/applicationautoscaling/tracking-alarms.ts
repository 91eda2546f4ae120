import type { MetricAlarmSettings } from '../cloudwatch/alarm.ts';
import type { MetricStat } from '../cloudwatch/metric-query.ts';
import type { ScalingPolicy, TargetTracking } from './records.ts';

/** The alarms that target tracking makes for itself: three minutes above the target, fifteen below nine tenths of it. */

const PERIOD_SECONDS = 60;
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;
/** A metric that is always reported has said nothing before its policy stood. */
export const LOW_AFTER_MS = LOW_PERIODS * PERIOD_SECONDS * 1_000;

/** What a policy's metric is in CloudWatch. */
export const metricOf = ({ resourceId, tracking }: Pick<ScalingPolicy, 'resourceId' | 'tracking'>): MetricStat => {
  const { metric, resourceLabel = '' } = tracking;
  if (metric === 'ALBRequestCountPerTarget') {
    const [LoadBalancer = '', group = ''] = resourceLabel.split('/targetgroup/');
    const dimensions = { TargetGroup: `targetgroup/${group}`, LoadBalancer };
    const name = 'RequestCountPerTarget';
    return { namespace: 'AWS/ApplicationELB', name, dimensions, statistic: 'Sum', periodSeconds: PERIOD_SECONDS };
  }
  const [, ClusterName = '', ServiceName = ''] = resourceId.split('/');
  const dimensions = { ClusterName, ServiceName };
  const name = 'CPUUtilization';
  return { namespace: 'AWS/ECS', name, dimensions, statistic: 'Average', periodSeconds: PERIOD_SECONDS };
};

/** A group that nobody asks is told of too: its metric is always reported, and is 0 where nothing was counted here. */
export const isAlwaysReported = ({ metric }: TargetTracking): boolean => metric === 'ALBRequestCountPerTarget';

export const trackingAlarms = (policy: ScalingPolicy): readonly MetricAlarmSettings[] => {
  const { arn, highAlarm, lowAlarm, tracking } = policy;
  const description = 'DO NOT EDIT OR DELETE. For TargetTrackingScaling policy';
  const shared = {
    kind: 'metric',
    description: `${description} ${arn}.`,
    actions: { actionsEnabled: true, okActions: [], alarmActions: [arn], insufficientDataActions: [] },
    queries: [{ id: 'm1', returnData: true, metricStat: metricOf(policy) }],
    usesMetrics: false,
  } as const;
  const over = (periods: number) => ({ evaluationPeriods: periods, datapointsToAlarm: periods });
  return [
    {
      ...shared,
      ...over(HIGH_PERIODS),
      name: highAlarm,
      threshold: tracking.targetValue,
      comparison: 'GreaterThanThreshold',
      treatMissingData: 'missing',
    },
    {
      ...shared,
      ...over(LOW_PERIODS),
      name: lowAlarm,
      threshold: tracking.targetValue * LOW_SHARE,
      comparison: 'LessThanThreshold',
      treatMissingData: isAlwaysReported(tracking) ? 'breaching' : 'missing',
    },
  ];
};
