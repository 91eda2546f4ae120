import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { onTestFinished } from 'vitest';
import { createCloudWatchService } from '../../infra/local/cloudwatch/service.ts';
import { type LocalServiceOptions, startLocalService } from './local-service.ts';

/** What `driftAlarm` tells. */
export const ALARM_TOPIC = 'arn:aws:sns:us-east-1:000000000000:alerts';

/** CloudWatch alone, until the test has finished. */
export const startCloudWatch = async (options: LocalServiceOptions = {}) => {
  const local = await startLocalService(createCloudWatchService, options);
  onTestFinished(() => local.stop());
  const client = new CloudWatchClient(local.clientConfig);
  const put = (value: number, MetricName = 'PredictionPsi') =>
    client.send(new PutMetricDataCommand({ Namespace: 'Millrace', MetricData: [{ MetricName, Value: value }] }));
  const stateOf = async (name: string) => {
    const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const;
    const answer = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: [...AlarmTypes] }));
    return (answer.MetricAlarms?.[0] ?? answer.CompositeAlarms?.[0])?.StateValue;
  };
  return { ...local, client, put, stateOf };
};

/** Rings on the second day in a row of a prediction PSI above 0.2. */
export const driftAlarm = (overrides: Partial<PutMetricAlarmCommandInput> = {}): PutMetricAlarmCommandInput => ({
  AlarmName: 'drift',
  Namespace: 'Millrace',
  MetricName: 'PredictionPsi',
  Statistic: 'Maximum',
  Period: 86_400,
  EvaluationPeriods: 2,
  Threshold: 0.2,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'ignore',
  AlarmActions: [ALARM_TOPIC],
  ...overrides,
});
