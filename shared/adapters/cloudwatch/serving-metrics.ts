import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { isInferenceService, LIVE_ALIAS } from '../../contracts/names.ts';
import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { ServiceDimensions, ServingMetrics } from '../../ports/serving-functions.ts';

/** CloudWatch keeps minute values for 15 days; a longer canary step is counted by the hour. */
const MINUTES_KEPT_MS = 14 * DAY_MS;
const periodSeconds = (durationMs: number): number => (durationMs <= MINUTES_KEPT_MS ? 60 : 3_600);

interface Place {
  readonly namespace: 'AWS/Lambda' | 'AWS/ApplicationELB';
  readonly dimensions: Readonly<Record<string, string>>;
}

const sumOf = (id: string, metricName: string, { namespace, dimensions }: Place, period: number) => ({
  Id: id,
  ReturnData: true,
  MetricStat: {
    Period: period,
    Stat: 'Sum',
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
  },
});

/** A request to a function that failed is one whose invocation threw. */
const ofFunction = (functionName: string, lambdaVersion: string, period: number) => {
  const dimensions = {
    FunctionName: functionName,
    Resource: `${functionName}:${LIVE_ALIAS}`,
    ExecutedVersion: lambdaVersion,
  };
  const place = { namespace: 'AWS/Lambda', dimensions } as const;
  return [sumOf('requests', 'Invocations', place, period), sumOf('failures', 'Errors', place, period)];
};

/** A request to a service that failed is one that a task answered so, or that no task took. */
const ofService = (dimensions: Readonly<Record<string, string>>, period: number) => {
  const place = { namespace: 'AWS/ApplicationELB', dimensions } as const;
  return [
    sumOf('requests', 'RequestCount', place, period),
    sumOf('failures', 'HTTPCode_Target_5XX_Count', place, period),
    sumOf('broken', 'TargetConnectionErrorCount', place, period),
  ];
};

export const createCloudWatchClient = (): CloudWatchClient => new CloudWatchClient({});

/** Lambda's own metrics of a version behind `live`, or the load balancer's of a version on ECS. */
export const createServingMetrics = (
  client: CloudWatchClient,
  serviceDimensions: ServiceDimensions,
): ServingMetrics => ({
  async countRequests({ functionName, lambdaVersion, fromMs, toMs }) {
    const period = periodSeconds(toMs - fromMs);
    const queries = isInferenceService(functionName)
      ? ofService(await serviceDimensions(functionName, lambdaVersion), period)
      : ofFunction(functionName, lambdaVersion, period);
    const sums: Record<string, number> = {};
    const interval = {
      StartTime: new Date(Math.floor(fromMs / (period * SECOND_MS)) * period * SECOND_MS),
      EndTime: new Date(toMs),
    };
    await callingService('CloudWatch', async () => {
      for await (const page of paginateGetMetricData({ client }, { ...interval, MetricDataQueries: queries })) {
        for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
          sums[Id] = Values.reduce((total, value) => total + value, sums[Id] ?? 0);
        }
      }
    });
    const { requests = 0, failures = 0, broken = 0 } = sums;
    return { requestCount: requests, failureCount: Math.min(failures + broken, requests) };
  },
});
