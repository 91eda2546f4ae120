import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { createCloudWatchService } from '../../infra/local/cloudwatch/service.ts';
import { createEventsService } from '../../infra/local/events/service.ts';
import { createSchedulerService } from '../../infra/local/scheduler/service.ts';
import { createAlarmReader } from '../../shared/adapters/cloudwatch/alarm-reader.ts';
import { createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createOneTimeScheduler } from '../../shared/adapters/scheduler/one-time-scheduler.ts';
import { type StartedService, startLocalService, TEST_ACCOUNT, TEST_START_MS } from '../helpers/local-service.ts';

let local: StartedService | undefined;
afterEach(() => local?.stop());

describe('what request-training asks of AWS', () => {
  it('a one-time schedule calls the function once, not early, and is gone', async () => {
    local = await startLocalService(createSchedulerService);
    const client = new SchedulerClient(local.clientConfig);
    await client.send(new CreateScheduleGroupCommand({ Name: 'millrace-dev' }));
    const roleArn = `arn:aws:iam::${TEST_ACCOUNT}:role/scheduler`;
    const scheduler = createOneTimeScheduler({ client, groupName: 'millrace-dev', roleArn });
    const functionArn = `arn:aws:lambda:us-east-1:${TEST_ACCOUNT}:function:request-training`;
    const schedule = { name: 'toy-alarm-1', functionArn, input: { kind: 'alarm-recheck' } };

    await scheduler.set({ ...schedule, atMs: TEST_START_MS + 60_500 });
    await scheduler.set({ ...schedule, atMs: TEST_START_MS + 99_000 });

    const standing = await client.send(new GetScheduleCommand({ Name: 'toy-alarm-1', GroupName: 'millrace-dev' }));
    expect(standing.ScheduleExpression).toBe('at(2001-01-01T00:01:01)');
    await local.clock.advanceTo(TEST_START_MS + 60_500);
    expect(local.recorded.deliveries).toEqual([]);
    await local.clock.advanceTo(TEST_START_MS + 200_000);
    expect(local.recorded.deliveries).toMatchObject([{ targetArn: functionArn, payload: '{"kind":"alarm-recheck"}' }]);
    expect((await client.send(new ListSchedulesCommand({ GroupName: 'millrace-dev' }))).Schedules).toEqual([]);
    client.destroy();
  });

  it('an alarm’s state is read with the time of its transition', async () => {
    local = await startLocalService(createCloudWatchService);
    const client = new CloudWatchClient(local.clientConfig);
    const reader = createAlarmReader(client);
    const alarm = { AlarmName: 'millrace-dev-toy-drift', Namespace: 'Millrace', MetricName: 'PredictionPsi' };
    await client.send(
      new PutMetricAlarmCommand({
        ...alarm,
        Period: 86_400,
        EvaluationPeriods: 2,
        Statistic: 'Maximum',
        Threshold: 0.2,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
    await local.clock.advanceTo(TEST_START_MS + 3_600_000);
    const changedAtMs = local.clock.nowMs();
    await client.send(
      new SetAlarmStateCommand({ AlarmName: alarm.AlarmName, StateValue: 'ALARM', StateReason: 'PSI 0.3 > 0.2' }),
    );

    const state = await reader.read(alarm.AlarmName);

    expect(state).toMatchObject({ ringing: true, reason: 'PSI 0.3 > 0.2', alarmName: alarm.AlarmName });
    expect(Date.parse(state?.stateChangedAt ?? '')).toBe(changedAtMs);
    // The event of the same transition must give the same time: the two are one request.
    const details = local.recorded.events.map(({ detail }) => detail as { state: { timestamp: string } });
    expect(details.map(({ state: { timestamp } }) => Date.parse(timestamp))).toEqual([changedAtMs]);
    expect(await reader.read('none')).toBeUndefined();
    client.destroy();
  });

  it('an event of ours is taken by our bus', async () => {
    local = await startLocalService(createEventsService);
    const client = new EventBridgeClient(local.clientConfig);
    await client.send(new CreateEventBusCommand({ Name: 'millrace-dev' }));
    const detail = { model: 'toy', version: 1, principal: 'ann' };

    const publisher = createEventPublisher({ client, eventBusName: 'millrace-dev' });
    await publisher.publish('Model Version Approved', detail);

    expect(local.recorded.problems).toEqual([]);
    client.destroy();
  });
});
