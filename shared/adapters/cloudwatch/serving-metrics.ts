import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { LIVE_ALIAS } from '../../contracts/names.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { ServingMetrics } from '../../ports/serving-functions.ts';

/** CloudWatch keeps minute values 15 days and answers 100,800 values a call: five minutes serve any canary step. */
const PERIOD_SECONDS = 300;

const metricQuery = (id: string, metricName: string, functionName: string, lambdaVersion: string) => ({
  Id: id,
  ReturnData: true,
  MetricStat: {
    Period: PERIOD_SECONDS,
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
    const sums: Record<string, number> = {};
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: new Date(Math.floor(fromMs / (PERIOD_SECONDS * SECOND_MS)) * PERIOD_SECONDS * SECOND_MS),
        EndTime: new Date(toMs),
        MetricDataQueries: [
          metricQuery('requests', 'Invocations', functionName, lambdaVersion),
          metricQuery('failures', 'Errors', functionName, lambdaVersion),
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
