import { gunzipSync } from 'node:zlib';
import { BatchClient, ListJobsCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { LambdaClient, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { createApiClient } from '../../infra/local/story/api-client.ts';
import { createObserver } from '../../infra/local/story/observer.ts';
import { createPlatform } from '../../infra/local/story/platform.ts';
import { capturePrefix } from '../../shared/contracts/artifacts.ts';
import {
  METRIC_NAMES,
  METRIC_NAMESPACE,
  MODEL_DIMENSION,
  modelDimensionValue,
} from '../../shared/contracts/metric-names.ts';
import { inferenceFunctionName } from '../../shared/contracts/names.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { DriverLine } from './kill-driver.ts';
import type { TestCloud } from './local-cloud.ts';
import { BENCH_START_MS } from './training-bench.ts';

/** What a test about kills sees of a cloud, all of it by the public APIs. */

type ClientConfig = TestCloud['clientConfig'];

/** Clients of a cloud in another process. */
export const connect = ({ endpoint = '', platformUrl = '', predictUrl = '', nowMs = 0 }: DriverLine) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clientConfig: ClientConfig = { endpoint, region: 'us-east-1', credentials };
  const api = createApiClient({ region: 'us-east-1', ...credentials }, () => nowMs);
  const observer = createObserver({ stage: 'local', clientConfig, artifactBucket: '', dataBucket: '' });
  return {
    clientConfig,
    observer,
    platform: createPlatform(api, { platform: platformUrl, predict: predictUrl }),
    close: () => {
      api.close();
      observer.close();
    },
  };
};

/** The model versions that a model's published Lambda versions pin. */
export const pinnedVersions = async (clientConfig: ClientConfig, model: string): Promise<readonly string[]> => {
  const client = new LambdaClient(clientConfig);
  try {
    const FunctionName = inferenceFunctionName('local', model);
    const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const published = Versions.filter(({ Version }) => Version !== '$LATEST');
    return published.flatMap(({ Environment }) => Environment?.Variables?.MODEL_VERSION ?? []).toSorted();
  } finally {
    client.destroy();
  }
};

export interface CaptureLine {
  readonly kind: 'prediction' | 'label';
  readonly predictionId: string;
  readonly output: number;
  readonly version: number;
  readonly label: number;
}

export const readCaptures = async (
  { data }: TestCloud['observer'],
  model: string,
): Promise<{ readonly predictions: readonly CaptureLine[]; readonly labels: readonly CaptureLine[] }> => {
  const lines: CaptureLine[] = [];
  for (const { key } of await data.list(capturePrefix(model))) {
    const text = gunzipSync(await data.get(key)).toString('utf8');
    lines.push(...text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as CaptureLine])));
  }
  return {
    predictions: lines.filter(({ kind }) => kind === 'prediction'),
    labels: lines.filter(({ kind }) => kind === 'label'),
  };
};

/** What the inference functions counted as answered without a capture. */
export const countCaptureFailures = async (clientConfig: ClientConfig, model: string): Promise<number> => {
  const client = new CloudWatchClient(clientConfig);
  const Metric = {
    Namespace: METRIC_NAMESPACE,
    MetricName: METRIC_NAMES.captureFailed,
    Dimensions: [{ Name: MODEL_DIMENSION, Value: modelDimensionValue('local', model) }],
  };
  try {
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(BENCH_START_MS + 13 * DAY_MS),
        EndTime: new Date(BENCH_START_MS + 20 * DAY_MS),
        MetricDataQueries: [{ Id: 'failed', MetricStat: { Metric, Period: 86_400, Stat: 'Sum' } }],
      }),
    );
    return (MetricDataResults[0]?.Values ?? []).reduce((sum, value) => sum + value, 0);
  } finally {
    client.destroy();
  }
};

/** The jobs of containers. */
export const openJobs = (clientConfig: ClientConfig) => {
  const [batch, sagemaker] = [new BatchClient(clientConfig), new SageMakerClient(clientConfig)];
  const inBatch = async (jobStatus: 'RUNNING' | 'SUCCEEDED' | 'FAILED') => {
    const request = new ListJobsCommand({ jobQueue: 'millrace-local-gpu-spot', jobStatus });
    return (await batch.send(request)).jobSummaryList?.length ?? 0;
  };
  const inSageMaker = async () => (await sagemaker.send(new ListTrainingJobsCommand({}))).TrainingJobSummaries ?? [];
  return {
    bothRun: async () =>
      (await inBatch('RUNNING')) === 1 &&
      (await inSageMaker()).some(({ SecondaryStatus }) => SecondaryStatus === 'Training'),
    /** Jobs that ended. */
    counts: async () => ({
      batch: (await inBatch('SUCCEEDED')) + (await inBatch('FAILED')),
      sagemaker: (await inSageMaker()).length,
    }),
    close: () => {
      for (const client of [batch, sagemaker]) client.destroy();
    },
  };
};
