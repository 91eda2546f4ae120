import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createServingMetrics } from '../../../../../shared/adapters/cloudwatch/serving-metrics.ts';
import { UnavailableError } from '../../../../../shared/kernel/errors.ts';
import { MINUTE_MS } from '../../../../../shared/kernel/time.ts';

const cloudwatch = mockClient(CloudWatchClient);
const metrics = createServingMetrics(new CloudWatchClient({ region: 'us-east-1' }), async () => {
  throw new Error('no service is asked about');
});
const interval = { functionName: 'millrace-dev-infer-toy', lambdaVersion: '3', fromMs: 0, toMs: MINUTE_MS };

beforeEach(() => {
  cloudwatch.reset();
});

it('adds up what all pages say, and no more failures than requests', async () => {
  const page = (values: number[]) => ({
    MetricDataResults: [
      { Id: 'requests', Values: values },
      { Id: 'failures', Values: values.map((value) => value * 2) },
    ],
  });
  cloudwatch
    .on(GetMetricDataCommand)
    .resolvesOnce({ ...page([1, 2]), NextToken: 'more' })
    .resolvesOnce(page([4]));

  expect(await metrics.countRequests(interval)).toEqual({ requestCount: 7, failureCount: 7 });
});

it('says that a throttle may pass, so that a look is taken again and no canary ends by it', async () => {
  const throttle = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  cloudwatch.on(GetMetricDataCommand).rejects(throttle);

  await expect(metrics.countRequests(interval)).rejects.toThrow(UnavailableError);
});
