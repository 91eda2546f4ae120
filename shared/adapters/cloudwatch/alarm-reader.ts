import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { assert } from '../../kernel/assert.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { AlarmReader } from '../../ports/alarm-reader.ts';

export const createAlarmReader = (client: CloudWatchClient = new CloudWatchClient({})): AlarmReader => ({
  read: async (alarmName) => {
    const { MetricAlarms: [alarm] = [] } = await callingService('CloudWatch', () =>
      client.send(new DescribeAlarmsCommand({ AlarmNames: [alarmName], AlarmTypes: ['MetricAlarm'] })),
    );
    if (alarm === undefined) return undefined;
    // The transition's time, not the last update's: a ringing alarm updates its reason without changing state.
    const changedAt = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
    assert(alarm.AlarmArn !== undefined && changedAt !== undefined, `alarm ${alarmName} has neither ARN nor state`);
    return {
      alarmName,
      alarmArn: alarm.AlarmArn,
      ringing: alarm.StateValue === 'ALARM',
      stateChangedAt: changedAt.toISOString(),
      reason: alarm.StateReason ?? '',
    };
  },
});
