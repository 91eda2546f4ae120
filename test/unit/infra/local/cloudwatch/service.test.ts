import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCloudWatchService } from '../../../../../infra/local/cloudwatch/service.ts';
import { driftAlarm, startCloudWatch } from '../../../../helpers/cloudwatch-bench.ts';
import { startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

describe('metrics', () => {
  it('are kept by the minute for 15 days, by five minutes for 63 and by the hour for 455', async () => {
    const { client, clock } = await startCloudWatch();
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
    const { client, clock } = await startCloudWatch();
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
    const { client, clock, put } = await startCloudWatch();
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

    const { client } = await startCloudWatch({ folder });
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
    const { client } = await startCloudWatch();
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
    await expect(
      client.send(new PutMetricAlarmCommand(driftAlarm({ Statistic: 'TM(10%:90%)' as never }))),
    ).rejects.toThrow('TM(10%:90%)');
  });
});
