import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCloudWatchService } from '../../../infra/local/cloudwatch/service.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** CloudWatch: metrics and alarms. Metrics on AWS cannot be deleted; they fade after fifteen months. */

const MINUTE_MS = 60_000;
/** The SDK gives the query protocol's ValidationError the name that its schema has. */
const REFUSED = { name: expect.stringMatching(/^Validation(Error|Exception)$/) };
const DAY_MS = 24 * 60 * MINUTE_MS;

let target: ContractTarget;
let client: CloudWatchClient;
let Namespace: string;
let nowMs: number;

const alarm = async (name: string, more: Partial<PutMetricAlarmCommandInput> = {}) => {
  const AlarmName = `${target.prefix}-${name}`;
  await client.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace,
      MetricName: 'Drift',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0.2,
      ComparisonOperator: 'GreaterThanThreshold',
      ...more,
    }),
  );
  target.afterwards(() => client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
  return AlarmName;
};
const described = async (AlarmName: string) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [AlarmName], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return MetricAlarms[0] ?? CompositeAlarms[0];
};

beforeAll(async () => {
  target = await openContractTarget([createCloudWatchService]);
  client = new CloudWatchClient(target.clientConfig);
  Namespace = `Contract/${target.prefix}`;
  const name = await alarm('clock');
  nowMs = (await described(name))?.StateUpdatedTimestamp?.getTime() ?? 0;
});
afterAll(async () => {
  await target.stop();
  client.destroy();
});

const put = (MetricName: string, values: readonly number[], more: object = {}) =>
  client.send(
    new PutMetricDataCommand({
      Namespace,
      MetricData: values.map((Value) => ({ MetricName, Value, Timestamp: new Date(nowMs), ...more })),
    }),
  );

describe('metrics', () => {
  it('answer statistics and percentiles of what was put', async () => {
    await put(
      'Latency',
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    const ask = async () => {
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace,
          MetricName: 'Latency',
          StartTime: new Date(nowMs - 10 * MINUTE_MS),
          EndTime: new Date(nowMs + 10 * MINUTE_MS),
          Period: 60,
          Statistics: ['SampleCount', 'Average', 'Maximum'],
        }),
      );
      return Datapoints;
    };

    await target.eventually('the data point is there', async () => (await ask())[0]?.SampleCount === 100);

    expect(await ask()).toMatchObject([{ SampleCount: 100, Average: 50.5, Maximum: 100 }]);
  });

  it('are computed with, and told in pages', async () => {
    for (const minutes of [3, 2, 1]) {
      await put('Errors', [minutes], { Timestamp: new Date(nowMs - minutes * MINUTE_MS) });
    }
    const stat = { Metric: { Namespace, MetricName: 'Errors' }, Period: 60, Stat: 'Sum' };
    const ask = (more: object = {}) =>
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(nowMs - 10 * MINUTE_MS),
          EndTime: new Date(nowMs + MINUTE_MS),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: [
            { Id: 'm1', MetricStat: stat, ReturnData: false },
            { Id: 'e1', Expression: 'm1 * 10' },
          ],
          ...more,
        }),
      );
    await target.eventually('three points', async () => (await ask()).MetricDataResults?.[0]?.Values?.length === 3);

    const { MetricDataResults } = await ask();
    const first = await ask({ MaxDatapoints: 2 });
    const second = await ask({ MaxDatapoints: 2, NextToken: first.NextToken });

    expect(MetricDataResults?.[0]).toMatchObject({ Values: [30, 20, 10], StatusCode: 'Complete' });
    expect(first.MetricDataResults?.[0]).toMatchObject({ Values: [30, 20], StatusCode: 'PartialData' });
    expect(second.MetricDataResults?.[0]).toMatchObject({ Values: [10], StatusCode: 'Complete' });
    expect(second.NextToken).toBeUndefined();
  });

  it('are refused when they are old, ahead, too many, too wide or of AWS', async () => {
    const datum = { MetricName: 'm', Value: 1 };
    const send = (MetricData: object[], space = Namespace) =>
      client.send(new PutMetricDataCommand({ Namespace: space, MetricData: MetricData as (typeof datum)[] }));
    const wide = Array.from({ length: 31 }, (_, index) => ({ Name: `d${index}`, Value: 'x' }));
    const refused = { name: expect.stringMatching(/^InvalidParameter(Value|Combination)/) };

    await expect(send([{ ...datum, Timestamp: new Date(nowMs - 15 * DAY_MS) }])).rejects.toMatchObject(refused);
    await expect(send([{ ...datum, Timestamp: new Date(nowMs + 3 * 60 * MINUTE_MS) }])).rejects.toMatchObject(refused);
    await expect(send(Array.from({ length: 1_001 }, () => datum))).rejects.toMatchObject(refused);
    await expect(send([{ ...datum, Dimensions: wide }])).rejects.toMatchObject(refused);
    await expect(send([datum], 'AWS/Lambda')).rejects.toMatchObject(refused);
  });

  it('are asked for by at most 500 queries at once', async () => {
    const MetricDataQueries = Array.from({ length: 501 }, (_, index) => ({
      Id: `m${index}`,
      MetricStat: { Metric: { Namespace, MetricName: 'Errors' }, Period: 60, Stat: 'Sum' },
    }));

    await expect(
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(nowMs - MINUTE_MS),
          EndTime: new Date(nowMs),
          MetricDataQueries,
        }),
      ),
    ).rejects.toMatchObject(REFUSED);
  });

  it('are listed with their dimensions', async () => {
    await put('Listed', [1], { Dimensions: [{ Name: 'Model', Value: 'births' }] });
    const ask = async () =>
      (await client.send(new ListMetricsCommand({ Namespace, MetricName: 'Listed' }))).Metrics ?? [];

    // AWS lists a new metric after some minutes.
    await target.eventually('the metric is listed', async () => (await ask()).length === 1, 20 * MINUTE_MS);

    expect(await ask()).toMatchObject([{ Dimensions: [{ Name: 'Model', Value: 'births' }] }]);
  }, 1_300_000);
});

describe('alarms', () => {
  it('look back over at most a day below an hour’s period, else over seven days', async () => {
    await alarm('day', { Period: 60, EvaluationPeriods: 1_440 });
    await alarm('week', { Period: 3_600, EvaluationPeriods: 168 });

    await expect(alarm('more', { Period: 60, EvaluationPeriods: 1_441 })).rejects.toMatchObject(REFUSED);
    await expect(alarm('longer', { Period: 3_600, EvaluationPeriods: 169 })).rejects.toMatchObject(REFUSED);
  });

  it('refuse more points to alarm than they look at, a statistic twice, and unknown operators', async () => {
    const refused = { name: expect.stringMatching(/^Validation(Error|Exception)$|^InvalidParameter/) };

    await expect(alarm('m-of-n', { EvaluationPeriods: 2, DatapointsToAlarm: 3 })).rejects.toMatchObject(refused);
    await expect(alarm('twice', { ExtendedStatistic: 'p99' })).rejects.toMatchObject(refused);
    await expect(alarm('operator', { ComparisonOperator: 'Above' as never })).rejects.toMatchObject(refused);
  });

  it('ring when a value breaches, and are joined by a composite', async () => {
    const MetricName = 'Ringing';
    const child = await alarm('child', { MetricName, TreatMissingData: 'ignore' });
    const AlarmName = `${target.prefix}-composite`;
    await client.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule: `ALARM("${child}")` }));
    // A composite holds its children: it goes first.
    target.afterwards(() => client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));

    await client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Value: 0.5 }] }));

    const rings = async (name: string) => (await described(name))?.StateValue === 'ALARM';
    await target.eventually('the alarm rings', () => rings(child), 5 * MINUTE_MS);
    await target.eventually('the composite rings', () => rings(AlarmName), 5 * MINUTE_MS);
  }, 700_000);

  it('can be set by hand, with a reason', async () => {
    const AlarmName = await alarm('manual', { TreatMissingData: 'ignore' });

    await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'by hand' }));

    expect(await described(AlarmName)).toMatchObject({ StateValue: 'OK', StateReason: 'by hand' });
    await expect(
      client.send(
        new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'x', StateReasonData: 'no JSON' }),
      ),
    ).rejects.toMatchObject({ name: expect.stringMatching(/^InvalidFormat/) });
  });
});
