import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DisableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { ALARM_TOPIC, driftAlarm, startCloudWatch } from '../../../../helpers/cloudwatch-bench.ts';

const MINUTE_MS = 60_000;

const perMinute = (overrides: Partial<PutMetricAlarmCommandInput> = {}) =>
  driftAlarm({
    AlarmName: 'errors',
    MetricName: 'Errors',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ...overrides,
  });

describe('alarms', () => {
  it('ring on the second day of drift, tell the default bus and the topic, and say why', async () => {
    const { client, clock, put, recorded, stateOf } = await startCloudWatch();
    await client.send(new PutMetricAlarmCommand(driftAlarm()));
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
      targetArn: ALARM_TOPIC,
      parameters: { Subject: 'ALARM: "drift" in US East (N. Virginia)' },
    });
    expect(JSON.parse(recorded.deliveries[0]?.payload ?? '')).toMatchObject({
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
    });
    expect(recorded.problems).toEqual([]);
  });

  it('set no timer while nothing can change', async () => {
    const { client, clock, put } = await startCloudWatch();
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
    const { client, clock, put, stateOf } = await startCloudWatch();
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
    const { client, clock, recorded, stateOf } = await startCloudWatch();
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
    const { client, clock, stateOf } = await startCloudWatch();
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
    const { client } = await startCloudWatch();
    const put = (overrides: Partial<PutMetricAlarmCommandInput>) =>
      client.send(new PutMetricAlarmCommand(driftAlarm(overrides)));

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
    const { client, clock, services, stateOf } = await startCloudWatch();
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
