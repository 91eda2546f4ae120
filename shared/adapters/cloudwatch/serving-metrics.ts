import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { LIVE_ALIAS } from '../../contracts/names.ts';
import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import type { ServingMetrics } from '../../ports/serving-functions.ts';

/** CloudWatch keeps minute values for 15 days; a longer canary step is counted by the hour. */
const MINUTES_KEPT_MS = 14 * DAY_MS;
const periodSeconds = (durationMs: number): number => (durationMs <= MINUTES_KEPT_MS ? 60 : 3_600);

const metricQuery = (
  id: string,
  metricName: string,
  {
    functionName,
    lambdaVersion,
    period,
  }: { readonly functionName: string; readonly lambdaVersion: string; readonly period: number },
) => ({
  Id: id,
  ReturnData: true,
  MetricStat: {
    Period: period,
    Stat: 'Sum',
    Metric: {
      Namespace: 'AWS/Lambda',
      MetricName: metricName,
      Dimensions: [
        { Name: 'FunctionName', Value: functionName },
        { Name: 'Resource', Value: `${functionName}:${LIVE_ALIAS}` },
        { Name: 'ExecutedVersion', Value: lambdaVersion },
      ],
    },
  },
});

export const createCloudWatchClient = (): CloudWatchClient => new CloudWatchClient({});

/** Lambda's own metrics of a version behind `live`: a request that failed is one whose invocation threw. */
export const createServingMetrics = (client: CloudWatchClient): ServingMetrics => ({
  async countRequests({ functionName, lambdaVersion, fromMs, toMs }) {
    const period = periodSeconds(toMs - fromMs);
    const version = { functionName, lambdaVersion, period };
    const sums: Record<string, number> = {};
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: new Date(Math.floor(fromMs / (period * SECOND_MS)) * period * SECOND_MS),
        EndTime: new Date(toMs),
        MetricDataQueries: [
          metricQuery('requests', 'Invocations', version),
          metricQuery('failures', 'Errors', version),
        ],
      },
    );
    for await (const page of pages) {
      for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
        sums[Id] = Values.reduce((total, value) => total + value, sums[Id] ?? 0);
      }
    }
    const { requests = 0, failures = 0 } = sums;
    return { requestCount: requests, failureCount: Math.min(failures, requests) };
  },
});
