import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCloudWatchService } from '../../../../../infra/local/cloudwatch/service.ts';
import { type LocalServiceOptions, startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alerts';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const start = async (options: LocalServiceOptions = {}) => {
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

const drift = (overrides: Partial<PutMetricAlarmCommandInput> = {}): PutMetricAlarmCommandInput => ({
  AlarmName: 'drift',
  Namespace: 'Millrace',
  MetricName: 'PredictionPsi',
  Statistic: 'Maximum',
  Period: 86_400,
  EvaluationPeriods: 2,
  Threshold: 0.2,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'ignore',
  AlarmActions: [TOPIC],
  ...overrides,
});

const perMinute = (overrides: Partial<PutMetricAlarmCommandInput> = {}) =>
  drift({ AlarmName: 'errors', MetricName: 'Errors', Period: 60, EvaluationPeriods: 1, Threshold: 0, ...overrides });

describe('metrics', () => {
  it('are kept by the minute for 15 days, by five minutes for 63 and by the hour for 455', async () => {
    const { client, clock } = await start();
    const put = (Value: number) =>
      client.send(new PutMetricDataCommand({ Namespace: 'App', MetricData: [{ MetricName: 'Kept', Value }] }));
    const found = async (Period: number): Promise<number> => {
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'App',
          MetricName: 'Kept',
          StartTime: new Date(TEST_START_MS),
          EndTime: new Date(TEST_START_MS + 60 * MINUTE_MS),
          Period,
          Statistics: ['Sum'],
        }),
      );
      return Datapoints.length;
    };
    await put(1);
    await clock.advanceBy(MINUTE_MS);
    await put(2);

    const seen: number[][] = [];
    for (const days of [14, 2, 48, 392]) {
      await clock.advanceBy(days * 24 * 60 * MINUTE_MS);
      // What is put rolls up what is old.
      await put(3);
      seen.push([await found(60), await found(300), await found(3_600)]);
    }

    expect(seen).toEqual([
      [2, 1, 1],
      [0, 1, 1],
      [0, 0, 1],
      [0, 0, 0],
    ]);
  });

  it('answers statistics and percentiles of what was put', async () => {
    const { client, clock } = await start();
    const MetricData = [
      { MetricName: 'Latency', Values: [1, 2, 3, 100], Counts: [50, 30, 15, 5], Unit: 'Milliseconds' },
    ];
    await client.send(new PutMetricDataCommand({ Namespace: 'App', MetricData: MetricData as never }));
    await clock.advanceBy(MINUTE_MS);

    const answer = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'App',
        MetricName: 'Latency',
        StartTime: new Date(TEST_START_MS),
        EndTime: new Date(TEST_START_MS + MINUTE_MS),
        Period: 60,
        Statistics: ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'Average'],
      }),
    );
    const percentiles = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'App',
        MetricName: 'Latency',
        StartTime: new Date(TEST_START_MS),
        EndTime: new Date(TEST_START_MS + MINUTE_MS),
        Period: 60,
        ExtendedStatistics: ['p50', 'p80', 'p95', 'p99.9'],
      }),
    );

    expect(answer.Datapoints).toEqual([
      {
        Timestamp: new Date(TEST_START_MS),
        Sum: 655,
        SampleCount: 100,
        Minimum: 1,
        Maximum: 100,
        Average: 6.55,
        Unit: 'Milliseconds',
      },
    ]);
    expect(percentiles.Datapoints?.[0]?.ExtendedStatistics).toEqual({ p50: 1, p80: 2, p95: 3, 'p99.9': 100 });
  });

  it('computes expressions over metrics, newest first', async () => {
    const { client, clock, put } = await start();
    for (const [errors, calls] of [
      [1, 10],
      [0, 0],
      [3, 6],
    ] as const) {
      await put(errors, 'Errors');
      await put(calls, 'Calls');
      await clock.advanceBy(5 * MINUTE_MS);
    }
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Millrace', MetricName }, Period: 300, Stat: 'Sum' },
    });

    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(TEST_START_MS),
        EndTime: new Date(TEST_START_MS + 15 * MINUTE_MS),
        MetricDataQueries: [
          metric('e', 'Errors'),
          metric('c', 'Calls'),
          { Id: 'share', Expression: 'e / c', Label: 'error share' },
          { Id: 'total', Expression: 'SUM(e)' },
        ],
      }),
    );

    expect(answer.MetricDataResults).toMatchObject([
      {
        Id: 'share',
        Label: 'error share',
        Values: [0.5, 0.1],
        Timestamps: [new Date(TEST_START_MS + 10 * MINUTE_MS), new Date(TEST_START_MS)],
        StatusCode: 'Complete',
      },
      { Id: 'total', Values: [4, 4, 4] },
    ]);
  });

  it('survives the process, and drops a line that was cut off', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-cloudwatch-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await startLocalService(createCloudWatchService, { folder });
    const MetricData = [{ MetricName: 'M', Dimensions: [{ Name: 'Model', Value: 'births' }], Value: 4 }];
    await new CloudWatchClient(first.clientConfig).send(new PutMetricDataCommand({ Namespace: 'N', MetricData }));
    // No stop: this is what a kill leaves.
    const { appendFileSync } = await import('node:fs');
    appendFileSync(join(folder, 'cloudwatch', 'metrics.jsonl'), '[0,9783');

    const { client } = await start({ folder });
    const listed = await client.send(new ListMetricsCommand({ Namespace: 'N', Dimensions: [{ Name: 'Model' }] }));
    const answer = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'N',
        MetricName: 'M',
        Dimensions: [{ Name: 'Model', Value: 'births' }],
        StartTime: new Date(TEST_START_MS),
        EndTime: new Date(TEST_START_MS + 1),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    await first.stop();

    expect(listed.Metrics).toHaveLength(1);
    expect(answer.Datapoints?.[0]?.Sum).toBe(4);
  });

  it('refuses reserved namespaces, old timestamps and statistics that it cannot compute', async () => {
    const { client } = await start();
    const data = (Namespace: string, Timestamp?: Date) =>
      client.send(
        new PutMetricDataCommand({
          Namespace,
          MetricData: [{ MetricName: 'M', Value: 1, ...(Timestamp && { Timestamp }) }],
        }),
      );

    await expect(data('AWS/Lambda')).rejects.toThrow('AWS/Lambda');
    await expect(data('N', new Date(TEST_START_MS - 15 * DAY_MS))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
    await expect(client.send(new PutMetricAlarmCommand(drift({ Statistic: 'TM(10%:90%)' as never })))).rejects.toThrow(
      'TM(10%:90%)',
    );
  });
});

describe('alarms', () => {
  it('ring on the second day of drift, tell the default bus and the topic, and say why', async () => {
    const { client, clock, put, recorded, stateOf } = await start();
    await client.send(new PutMetricAlarmCommand(drift()));
    const seen: (string | undefined)[] = [];
    for (const psi of [0.05, 0.25, 0.31]) {
      await clock.advanceBy(2 * 3_600_000);
      await put(psi);
      await clock.advanceBy(2 * 3_600_000);
      seen.push(await stateOf('drift'));
      await clock.advanceBy(20 * 3_600_000);
    }

    expect(seen).toEqual(['OK', 'OK', 'ALARM']);
    const event = recorded.events.at(-1);
    expect(event).toMatchObject({
      busName: 'default',
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:drift'],
      detail: {
        alarmName: 'drift',
        state: { value: 'ALARM', timestamp: '2001-01-03T02:00:00.000+0000' },
        previousState: { value: 'OK' },
        configuration: {
          metrics: [{ metricStat: { metric: { name: 'PredictionPsi' }, period: 86400, stat: 'Maximum' } }],
        },
      },
    });
    expect(event).toHaveProperty(
      'detail.state.reason',
      'Threshold Crossed: 2 out of the last 2 datapoints [0.31 (03/01/01 00:00:00), 0.25 (02/01/01 00:00:00)] ' +
        'were greater than the threshold (0.2) (minimum 2 datapoints for OK -> ALARM transition).',
    );
    expect(recorded.deliveries).toHaveLength(1);
    expect(recorded.deliveries[0]).toMatchObject({
      targetArn: TOPIC,
      parameters: { Subject: 'ALARM: "drift" in US East (N. Virginia)' },
    });
    expect(JSON.parse(recorded.deliveries[0]?.payload ?? '')).toMatchObject({
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
    });
    expect(recorded.problems).toEqual([]);
  });

  it('set no timer while nothing can change', async () => {
    const { client, clock, put } = await start();
    await client.send(new PutMetricAlarmCommand(perMinute({ TreatMissingData: 'notBreaching' })));
    await clock.advanceBy(MINUTE_MS);
    const idle = clock.nextTimerMs();
    await put(1, 'Errors');
    await clock.advanceBy(10 * MINUTE_MS);

    const history = await client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: 'errors',
        HistoryItemType: 'StateUpdate',
        ScanBy: 'TimestampAscending',
      }),
    );

    expect(idle).toBeUndefined();
    expect(clock.nextTimerMs()).toBeUndefined();
    expect(history.AlarmHistoryItems?.map((item) => [item.HistorySummary, item.Timestamp?.toISOString()])).toEqual([
      ['Alarm updated from INSUFFICIENT_DATA to OK', '2001-01-01T00:00:00.000Z'],
      ['Alarm updated from OK to ALARM', '2001-01-01T00:01:00.000Z'],
      ['Alarm updated from ALARM to OK', '2001-01-01T00:04:00.000Z'],
    ]);
    expect(JSON.parse(history.AlarmHistoryItems?.[1]?.HistoryData ?? '')).toMatchObject({
      version: '1.0',
      oldState: { stateValue: 'OK', stateReason: expect.any(String) },
      newState: {
        stateValue: 'ALARM',
        stateReason: expect.any(String),
        stateReasonData: { threshold: expect.any(Number) },
      },
    });
  });

  it('compare an expression', async () => {
    const { client, clock, put, stateOf } = await start();
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Millrace', MetricName }, Period: 300, Stat: 'Sum' },
    });
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'share',
        Metrics: [metric('e', 'Errors'), metric('c', 'Calls'), { Id: 'share', Expression: 'IF(c > 10, e / c, 0)' }],
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
    await put(10, 'Errors');
    await put(20, 'Calls');
    await clock.advanceBy(MINUTE_MS);

    expect(await stateOf('share')).toBe('ALARM');
  });

  it('keep silent with their actions disabled, and can be set by hand', async () => {
    const { client, clock, recorded, stateOf } = await start();
    await client.send(new PutMetricAlarmCommand(perMinute({ TreatMissingData: 'ignore' })));
    await clock.settle();
    const ring = (value: 'ALARM' | 'OK') =>
      client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: value, StateReason: 'a drill' }));

    await ring('ALARM');
    await ring('OK');
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: ['errors'] }));
    await ring('ALARM');
    await clock.settle();

    expect(await stateOf('errors')).toBe('ALARM');
    expect(recorded.events).toHaveLength(3);
    expect(recorded.deliveries).toHaveLength(1);
  });

  it('are joined by a composite alarm', async () => {
    const { client, clock, stateOf } = await start();
    await client.send(new PutMetricAlarmCommand(perMinute({ AlarmName: 'a', TreatMissingData: 'ignore' })));
    await client.send(new PutMetricAlarmCommand(perMinute({ AlarmName: 'b', TreatMissingData: 'ignore' })));
    const AlarmRule = 'ALARM("a") AND NOT (OK(b) OR FALSE)';
    await client.send(new PutCompositeAlarmCommand({ AlarmName: 'both', AlarmRule }));
    await clock.settle();
    const before = await stateOf('both');

    await client.send(new SetAlarmStateCommand({ AlarmName: 'a', StateValue: 'ALARM', StateReason: 'a drill' }));

    expect([before, await stateOf('both')]).toEqual(['OK', 'ALARM']);
    await expect(
      client.send(new PutCompositeAlarmCommand({ AlarmName: 'c', AlarmRule: 'ALARM(nothing)' })),
    ).rejects.toThrow('nothing');
  });

  it('obey the limits of a window and refuse what has no behaviour', async () => {
    const { client } = await start();
    const put = (overrides: Partial<PutMetricAlarmCommandInput>) =>
      client.send(new PutMetricAlarmCommand(drift(overrides)));

    await expect(put({ EvaluationPeriods: 8 })).rejects.toThrow('seven days');
    await expect(put({ Period: 1800, EvaluationPeriods: 49 })).rejects.toThrow('more than a day');
    await expect(put({ Period: 10 })).rejects.toThrow('high resolution');
    await expect(put({ ThresholdMetricId: 'ad1' })).rejects.toThrow('ThresholdMetricId');
    await expect(put({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] })).rejects.toThrow('automate');
    await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ['none'] }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
  });

  it('leave a standing alarm as it is when a stack is provisioned again', async () => {
    const { client, clock, services, stateOf } = await start();
    const { AlarmName: _name, ...properties } = perMinute({ TreatMissingData: 'ignore' });
    const context = { stackName: 's', logicalId: 'Errors', generatedName: 's-Errors-1', properties: { ...properties } };
    const provider = services[0]?.resources['AWS::CloudWatch::Alarm'];
    const made = await provider?.create(context);
    await clock.settle();
    await client.send(
      new SetAlarmStateCommand({ AlarmName: 's-Errors-1', StateValue: 'ALARM', StateReason: 'a drill' }),
    );

    await provider?.create(context);

    expect(made).toEqual({
      physicalId: 's-Errors-1',
      attributes: { Arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:s-Errors-1' },
    });
    expect(await stateOf('s-Errors-1')).toBe('ALARM');
  });
});
