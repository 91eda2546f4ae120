import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

const names = (input: Input, member: string): readonly string[] => {
  const given = input[member];
  return Array.isArray(given) ? given.map(String) : [];
};

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudWatchAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const onAlarm = (action: string, name: string): Need => ({
    action: `cloudwatch:${action}`,
    resource: `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`,
  });
  const onAlarms =
    (action: string, member = 'AlarmNames') =>
    (input: Input): readonly Need[] => {
      const given = names(input, member);
      return (given.length === 0 ? ['*'] : given).map((name) => onAlarm(action, name));
    };
  const named =
    (action: string, all: string) =>
    (input: Input): readonly Need[] => [onAlarm(action, textOf(input, 'AlarmName') || all)];
  const onDashboard = (action: string, name: string): Need => ({
    action: `cloudwatch:${action}`,
    resource: `arn:${partition}:cloudwatch::${accountId}:dashboard/${name}`,
  });
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `cloudwatch:${action}`, resource: '*' }];
  return {
    DeleteAlarms: onAlarms('DeleteAlarms'),
    DeleteDashboards: (input) => names(input, 'DashboardNames').map((name) => onDashboard('DeleteDashboards', name)),
    DescribeAlarmHistory: named('DescribeAlarmHistory', '*'),
    DescribeAlarms: onAlarms('DescribeAlarms'),
    DisableAlarmActions: onAlarms('DisableAlarmActions'),
    EnableAlarmActions: onAlarms('EnableAlarmActions'),
    GetDashboard: (input) => [onDashboard('GetDashboard', textOf(input, 'DashboardName'))],
    GetMetricData: everywhere('GetMetricData'),
    GetMetricStatistics: everywhere('GetMetricStatistics'),
    ListDashboards: everywhere('ListDashboards'),
    ListMetrics: everywhere('ListMetrics'),
    PutCompositeAlarm: named('PutCompositeAlarm', ''),
    PutDashboard: (input) => [onDashboard('PutDashboard', textOf(input, 'DashboardName'))],
    PutMetricAlarm: named('PutMetricAlarm', ''),
    PutMetricData: (input) => [
      {
        action: 'cloudwatch:PutMetricData',
        resource: '*',
        conditions: { 'cloudwatch:namespace': textOf(input, 'Namespace') },
      },
    ],
    SetAlarmState: named('SetAlarmState', ''),
  };
};
