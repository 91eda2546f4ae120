import {
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../shared/kernel/time.ts';
import { ALARM_TOPIC, startCloudWatch } from '../helpers/cloudwatch-bench.ts';
import { definition, synthesise } from './synthesise.ts';

const NAME = 'millrace-dev-model-0-heartbeat';

describe('the heartbeat alarm', () => {
  const { templates } = synthesise({ definitions: [definition('model-0')] });
  const heartbeat = Object.values(templates.monitoring.Resources).find(
    ({ Properties }) => Properties?.AlarmName === NAME,
  );

  const queries = (heartbeat?.Properties?.Metrics ?? []) as readonly MetricDataQuery[];
  const stat = queries.find(({ MetricStat }) => MetricStat)?.MetricStat;

  /** The alarm as it is deployed, on the first day of the stage; days begin at midnight, checks run at six. */
  const deployHeartbeat = async () => {
    const { client, clock, stateOf, recorded } = await startCloudWatch();
    const alarm = { ...heartbeat?.Properties, AlarmActions: [ALARM_TOPIC] };
    await client.send(new PutMetricAlarmCommand(alarm as unknown as PutMetricAlarmCommandInput));
    const { Namespace, MetricName, Dimensions } = stat?.Metric ?? {};
    const check = () =>
      client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Dimensions, Value: 1 }] }));
    const day = async (checked: boolean): Promise<readonly (string | undefined)[]> => {
      await clock.advanceBy(5 * HOUR_MS);
      const before = await stateOf(NAME);
      await clock.advanceBy(HOUR_MS);
      if (checked) await check();
      await clock.advanceBy(18 * HOUR_MS);
      return [before, await stateOf(NAME)];
    };
    return { day, recorded };
  };

  it('does not ring before the first check, nor for the days before it', async () => {
    const { day, recorded } = await deployHeartbeat();

    const seen = [await day(false), await day(false), await day(true), await day(true), await day(true)];

    expect(seen.flat()).toEqual([...Array(5).fill('INSUFFICIENT_DATA'), ...Array(5).fill('OK')]);
    expect(recorded.deliveries).toEqual([]);
  });

  it('rings once when two of three whole days had none, and until the next check', async () => {
    const { day, recorded } = await deployHeartbeat();
    await day(true);

    const seen: (readonly (string | undefined)[])[] = [];
    for (const checked of [false, true, true, false, false, false, false, false, false, true])
      seen.push(await day(checked));

    expect(seen.map((states) => states.join(' '))).toEqual([
      ...Array(4).fill('OK OK'),
      'OK ALARM',
      ...Array(4).fill('ALARM ALARM'),
      'ALARM OK',
    ]);
    expect(recorded.deliveries).toHaveLength(1);
  });
});
