import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchClient, DescribeJobsCommand, ListJobsCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelDefinitionInput } from '../../shared/contracts/model-definition.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/** Models that train in a container: SageMaker and Batch with a GPU, from the template to a prediction. */

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trees@sha256:${'a'.repeat(64)}`;
const PROGRAM = join(import.meta.dirname, '../helpers/images/boosted-trees.ts');
const REASON = 'the rows make no sense';

type Trainer = NonNullable<ModelDefinitionInput['trainer']>;
type Hyperparameters = Record<string, string>;

const model = (name: string, trainer: Trainer) =>
  benchDefinition({ name, trainer, deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 } });
const sageMaker = (hyperparameters: Hyperparameters): Trainer => ({
  kind: 'sagemaker',
  image: IMAGE,
  instanceType: 'ml.g5.xlarge',
  spot: true,
  hyperparameters,
  metricDefinitions: [
    { name: 'train:loss', regex: 'round=\\d+ loss=([0-9.]+)' },
    { name: 'train:rounds', regex: 'done rounds=(\\d+)' },
  ],
});
const batch = (hyperparameters: Hyperparameters): Trainer => ({
  kind: 'batch',
  image: IMAGE,
  gpus: 1,
  spot: true,
  hyperparameters,
});

const DEFINITIONS = [
  model('on-sagemaker', sageMaker({ max_rounds: '40' })),
  model('on-batch', batch({ max_rounds: '40' })),
  model('broken-sagemaker', sageMaker({ fail: REASON })),
  model('broken-batch', batch({ fail: REASON })),
];

interface TrainState {
  readonly Resource: string;
  readonly Arguments: Readonly<Record<string, unknown>>;
}

const trainStateOf = (assemblyFolder: string, name: string): TrainState => {
  const template = JSON.parse(readFileSync(join(assemblyFolder, 'Millrace-local-training.template.json'), 'utf8')) as {
    readonly Resources: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
  };
  const machine = Object.values(template.Resources).find(
    ({ Properties }) => Properties?.StateMachineName === `millrace-local-train-${name}`,
  );
  return JSON.parse(String(machine?.Properties?.DefinitionString)).States.Train as TrainState;
};

describe('models that train in a container', () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-images-'));
  let assemblyFolder: string;
  let cloud: TestCloud;
  let sagemaker: SageMakerClient;
  let batchClient: BatchClient;
  let cloudWatch: CloudWatchClient;

  beforeAll(async () => {
    assemblyFolder = await assemble(DEFINITIONS);
    const localImages = { [IMAGE]: [process.execPath, PROGRAM] };
    cloud = await startTestCloud({ assemblyFolder, stateFolder, localImages });
    sagemaker = new SageMakerClient(cloud.clientConfig);
    batchClient = new BatchClient(cloud.clientConfig);
    cloudWatch = new CloudWatchClient(cloud.clientConfig);
    await cloud.loadToyDays(0, 14);
    for (const { name } of DEFINITIONS) await cloud.platform.requestTraining(name, 'first');
    await cloud.until('every training ended', async () => {
      const executions = await cloud.observer.executions(/^train-/);
      return executions.length === DEFINITIONS.length && executions.every(({ status }) => status !== 'RUNNING');
    });
    await cloud.until('both models are in service', async () => {
      const rollouts = await Promise.all(['on-sagemaker', 'on-batch'].map((name) => cloud.platform.rollouts(name)));
      return rollouts.every((some) => some.some(({ status }) => status === 'PROMOTED'));
    });
  });

  afterAll(async () => {
    for (const client of [sagemaker, batchClient, cloudWatch]) client?.destroy();
    await cloud?.stop();
    rmSync(stateFolder, { recursive: true, force: true });
    rmSync(join(assemblyFolder, '..'), { recursive: true, force: true });
  });

  const onlyRun = async (name: string) => {
    const runs = await cloud.platform.runs(name);
    expect(runs).toHaveLength(1);
    return runs[0];
  };

  const trainingJobs = async (name: string): Promise<readonly DescribeTrainingJobCommandOutput[]> => {
    const runId = (await onlyRun(name))?.runId;
    const { TrainingJobSummaries = [] } = await sagemaker.send(
      new ListTrainingJobsCommand({ NameContains: `${runId}`, SortBy: 'Name', SortOrder: 'Ascending' }),
    );
    return Promise.all(
      TrainingJobSummaries.map(({ TrainingJobName }) =>
        sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName })),
      ),
    );
  };

  const batchJobs = async (jobStatus: 'SUCCEEDED' | 'FAILED', name: string) => {
    const listed = await batchClient.send(new ListJobsCommand({ jobQueue: 'millrace-local-gpu-spot', jobStatus }));
    const jobs = (listed.jobSummaryList ?? []).flatMap(({ jobId }) => jobId ?? []);
    const described = await batchClient.send(new DescribeJobsCommand({ jobs }));
    return (described.jobs ?? []).filter(({ jobDefinition }) => jobDefinition?.includes(`train-${name}:`));
  };

  it('have a pipeline that runs a SageMaker training job and waits for it, output unpacked', () => {
    const { Resource, Arguments } = trainStateOf(assemblyFolder, 'on-sagemaker');

    expect(Resource).toBe('arn:aws:states:::sagemaker:createTrainingJob.sync');
    expect(Arguments).toMatchObject({
      AlgorithmSpecification: { TrainingImage: '{% $job.image %}' },
      ResourceConfig: { InstanceType: '{% $job.instanceType %}' },
      EnableManagedSpotTraining: '{% $job.spot %}',
      OutputDataConfig: { CompressionType: 'NONE' },
    });
  });

  it('have a pipeline that submits a Batch job and waits for it, whose three containers get the run', () => {
    const { Resource, Arguments } = trainStateOf(assemblyFolder, 'on-batch');
    const { TaskProperties } = Arguments.EcsPropertiesOverride as {
      readonly TaskProperties: readonly { readonly Containers: readonly { readonly Name: string }[] }[];
    };

    expect(Resource).toBe('arn:aws:states:::batch:submitJob.sync');
    expect(TaskProperties[0]?.Containers.map(({ Name }) => Name)).toEqual(['fetch', 'train', 'upload']);
  });

  it.each(['on-sagemaker', 'on-batch'])('train to a promoted version that predicts: %s', async (name) => {
    const predict = async (x: number, kind: string) =>
      (await cloud.platform.predict(name, { features: { x, kind } })) as {
        readonly status: number;
        readonly body: { readonly version: number; readonly probability: number };
      };

    const [late, onTime] = [await predict(0.95, 'a'), await predict(0.05, 'b')];

    expect(await onlyRun(name)).toMatchObject({ status: 'FINISHED', version: 1 });
    expect([late, onTime]).toMatchObject([
      { status: 200, body: { version: 1 } },
      { status: 200, body: { version: 1 } },
    ]);
    // Label: x + 0.3 for kind a above 0.6, in 85 of 100 rows.
    expect(late.body.probability).toBeGreaterThan(0.8);
    expect(onTime.body.probability).toBeLessThan(0.2);
  });

  it('show a training job for each phase: the spot GPU instance, the data, and the last value of every metric', async () => {
    const [candidate, refit, ...more] = await trainingJobs('on-sagemaker');

    expect(more).toEqual([]);
    for (const job of [candidate, refit]) {
      expect(job).toMatchObject({
        TrainingJobStatus: 'Completed',
        AlgorithmSpecification: { TrainingImage: IMAGE },
        ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 50 },
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 7_200, MaxWaitTimeInSeconds: 14_400 },
      });
    }
    const uris = [candidate, refit].map((job) => job?.InputDataConfig?.[0]?.DataSource?.S3DataSource?.S3Uri);
    expect(uris.map((uri) => uri?.split('/').at(-1))).toEqual(['train.parquet', 'all.parquet']);
    const final = Object.fromEntries((refit?.FinalMetricDataList ?? []).map((m) => [m.MetricName, m.Value]));
    // The refit grows as many trees as were best for the candidate.
    expect(refit?.HyperParameters?.rounds).toBe(String(final['train:rounds']));
    expect(final['train:loss']).toBeLessThan(0.4);
  });

  it('have their progress as CloudWatch metrics, whose last value is the job’s final one', async () => {
    const [, refit] = await trainingJobs('on-sagemaker');
    const final = Object.fromEntries((refit?.FinalMetricDataList ?? []).map((m) => [m.MetricName, m.Value]));

    const statistic = (Id: string, MetricName: string, Stat: string) => ({
      Id,
      MetricStat: {
        Metric: {
          Namespace: '/aws/sagemaker/TrainingJobs',
          MetricName,
          Dimensions: [{ Name: 'TrainingJobName', Value: refit?.TrainingJobName ?? '' }],
        },
        Period: 86_400,
        Stat,
      },
    });
    const answer = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(BENCH_START_MS + 13 * DAY_MS),
        EndTime: new Date(BENCH_START_MS + 20 * DAY_MS),
        MetricDataQueries: [
          statistic('lines', 'train:loss', 'SampleCount'),
          statistic('least', 'train:loss', 'Minimum'),
          statistic('rounds', 'train:rounds', 'Maximum'),
        ],
      }),
    );
    const [lines, least, rounds] = (answer.MetricDataResults ?? []).map(({ Values }) => Values?.[0]);

    expect(lines).toBe(final['train:rounds']);
    expect(least).toBe(final['train:loss']);
    expect(rounds).toBe(final['train:rounds']);
  });

  it('show a Batch job for each phase whose containers all ended well', async () => {
    const jobs = await batchJobs('SUCCEEDED', 'on-batch');

    expect(jobs.map(({ jobName }) => jobName?.split('-').at(-1)).toSorted()).toEqual(['candidate', 'refit']);
    for (const { ecsProperties } of jobs) {
      const containers = ecsProperties?.taskProperties?.[0]?.containers ?? [];
      expect(containers.map(({ name, exitCode }) => [name, exitCode])).toEqual([
        ['fetch', 0],
        ['train', 0],
        ['upload', 0],
      ]);
      expect(containers[1]?.image).toBe(IMAGE);
    }
  });

  it.each([
    ['broken-sagemaker', /AlgorithmError: the rows make no sense, exit code: 1/],
    ['broken-batch', /container train ended with exit code 1/],
  ])('fail visibly when their program does: %s', async (name, reason) => {
    const [execution] = await cloud.observer.executions(new RegExp(`^train-${name}$`));

    expect(execution?.status).toBe('FAILED');
    expect(await onlyRun(name)).toMatchObject({ status: 'FAILED', outcome: expect.stringMatching(reason) });
    expect(await cloud.platform.versions(name)).toEqual([]);
    expect((await cloud.platform.predict(name, { features: { x: 0.5, kind: 'a' } })).status).toBe(503);
  });

  it('tell the operator by mail which execution failed, and only of those', () => {
    const outbox = join(stateFolder, 'outbox');
    const mails = readdirSync(outbox).map(
      (file) => JSON.parse(readFileSync(join(outbox, file), 'utf8')) as { to: string; message: string },
    );
    const failed = mails.flatMap(({ to, message }) => {
      const { detail } = JSON.parse(message) as { detail?: { stateMachineArn?: string; status?: string } };
      return detail?.status === undefined ? [] : [[to, detail.stateMachineArn?.split(':').at(-1), detail.status]];
    });

    expect(failed.toSorted()).toEqual([
      ['operator@example.com', 'millrace-local-train-broken-batch', 'FAILED'],
      ['operator@example.com', 'millrace-local-train-broken-sagemaker', 'FAILED'],
    ]);
  });
});
