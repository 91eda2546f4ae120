import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export const logsAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const groupArn = (input: Input): string => {
    const given = textOf(input, 'logGroupName') || textOf(input, 'logGroupIdentifier');
    const name = given.replace(/^arn:[^:]+:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '');
    return `arn:${partition}:logs:${region}:${accountId}:log-group:${name}`;
  };
  const onGroup =
    (action: string) =>
    (input: Input): readonly Need[] => [{ action: `logs:${action}`, resource: `${groupArn(input)}:*` }];
  const onStream =
    (action: string) =>
    (input: Input): readonly Need[] => [
      {
        action: `logs:${action}`,
        resource: `${groupArn(input)}:log-stream:${textOf(input, 'logStreamName')}`,
      },
    ];
  return {
    CreateLogGroup: onGroup('CreateLogGroup'),
    CreateLogStream: onGroup('CreateLogStream'),
    DeleteLogGroup: onGroup('DeleteLogGroup'),
    DeleteLogStream: onStream('DeleteLogStream'),
    DeleteMetricFilter: onGroup('DeleteMetricFilter'),
    DeleteRetentionPolicy: onGroup('DeleteRetentionPolicy'),
    DescribeLogGroups: () => [
      {
        action: 'logs:DescribeLogGroups',
        resource: `arn:${partition}:logs:${region}:${accountId}:log-group::log-stream:`,
      },
    ],
    DescribeLogStreams: onGroup('DescribeLogStreams'),
    DescribeMetricFilters: onGroup('DescribeMetricFilters'),
    FilterLogEvents: onGroup('FilterLogEvents'),
    GetLogEvents: onStream('GetLogEvents'),
    PutLogEvents: onStream('PutLogEvents'),
    PutMetricFilter: onGroup('PutMetricFilter'),
    PutRetentionPolicy: onGroup('PutRetentionPolicy'),
  };
};
