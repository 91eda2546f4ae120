import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FaultSource, type JobFault, NO_FAULTS } from '../../../../../infra/local/contracts.ts';
import type { LocalImage } from '../../../../../infra/local/jobs/local-images.ts';
import type { TrainingJobRecord } from '../../../../../infra/local/jobs/sagemaker/records.ts';
import { createSageMakerService, type SageMakerOptions } from '../../../../../infra/local/jobs/sagemaker.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const IMAGE = 'trainers.example/gbdt@sha256:1';
const ROLE = 'arn:aws:iam::000000000000:role/trainer';

/** S3 and STS as the cloud's ports would answer. */
const createFakeS3 = () => {
  const objects = new Map<string, Buffer>();
  const call = async (service: string, action: string, parameters: unknown): Promise<unknown> => {
    if (service === 'sts') return { Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't' } };
    const { Bucket, Key, Prefix, Body } = parameters as {
      Bucket: string;
      Key: string;
      Prefix: string;
      Body: Uint8Array;
    };
    if (action === 'PutObject') objects.set(`${Bucket}/${Key}`, Buffer.from(Body));
    if (action === 'GetObject') return { Body: objects.get(`${Bucket}/${Key}`) };
    const keys = [...objects.keys()].filter((key) => key.startsWith(`${Bucket}/${Prefix}`));
    return { Contents: keys.map((key) => ({ Key: key.slice(Bucket.length + 1) })) };
  };
  return { objects, call };
};

/** The trainer's body: `root` is where /opt/ml lies, `read` and `write` take paths below it. */
const program = (body: string): string => `
const fs = require('node:fs'); const path = require('node:path');
const root = process.env.MILLRACE_ML_ROOT;
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
const write = (name, text) => { fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true }); fs.writeFileSync(path.join(root, name), text); };
${body}`;

describe('training jobs', () => {
  let folder: string;
  let s3: ReturnType<typeof createFakeS3>;
  const started: { local: StartedService; client: SageMakerClient }[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-sagemaker-'));
    s3 = createFakeS3();
    s3.objects.set('data/runs/1/train/part.csv', Buffer.from('a,b\n1,2\n'));
  });
  afterEach(async () => {
    for (const { local, client } of started.splice(0)) {
      client.destroy();
      await local.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (
    body: string,
    options: SageMakerOptions = {},
    faults: FaultSource = NO_FAULTS,
  ): Promise<{ local: StartedService; client: SageMakerClient }> => {
    const file = join(folder, 'trainer.cjs');
    writeFileSync(file, program(body));
    const create = (context: Parameters<typeof createSageMakerService>[0]) =>
      createSageMakerService(context, {
        localImages: { [IMAGE]: [process.execPath, file] },
        stopGraceMs: 200,
        ...options,
      });
    const local = await startLocalService(create, {
      ports: { call: s3.call },
      folder: join(folder, 'state'),
      durable: true,
      faults,
    });
    const opened = { local, client: new SageMakerClient(local.clientConfig) };
    started.push(opened);
    return opened;
  };

  const request = (fields: Partial<CreateTrainingJobCommandInput> = {}): CreateTrainingJobCommandInput => ({
    TrainingJobName: 'job-1',
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
    HyperParameters: { rounds: '10' },
    InputDataConfig: [
      {
        ChannelName: 'train',
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/runs/1/train/' } },
      },
    ],
    OutputDataConfig: { S3OutputPath: 's3://artifacts/runs/1', CompressionType: 'NONE' },
    ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
    ...fields,
  });

  const finish = async ({
    local,
    client,
  }: {
    local: StartedService;
    client: SageMakerClient;
  }): Promise<DescribeTrainingJobCommandOutput> => {
    await local.clock.settle();
    return client.send(new DescribeTrainingJobCommand({ TrainingJobName: 'job-1' }));
  };
  const run = async (
    body: string,
    fields: Partial<CreateTrainingJobCommandInput> = {},
    options: SageMakerOptions = {},
    faults: FaultSource = NO_FAULTS,
  ) => {
    const opened = await open(body, options, faults);
    await opened.client.send(new CreateTrainingJobCommand(request(fields)));
    return { ...opened, job: await finish(opened) };
  };

  it('gives the program the contract of /opt/ml and stores the files of model/ as they are', async () => {
    const { job, local } = await run(
      `
      const { rounds } = JSON.parse(read('input/config/hyperparameters.json'));
      const { hosts, current_host } = JSON.parse(read('input/config/resourceconfig.json'));
      const channel = JSON.parse(read('input/config/inputdataconfig.json')).train.TrainingInputMode;
      const data = fs.readFileSync(path.join(process.env.SM_CHANNEL_TRAIN, 'part.csv'), 'utf8');
      write('model/model.onnx', JSON.stringify({ rounds, hosts, current_host, channel, data, arguments: process.argv.slice(2) }));
      write('model/sub/metrics.json', '{}');
      console.log('loss=0.5;'); console.error('loss=0.25;');
      `,
      {
        AlgorithmSpecification: {
          TrainingImage: IMAGE,
          TrainingInputMode: 'File',
          MetricDefinitions: [{ Name: 'train:loss', Regex: 'loss=([0-9.]+);' }],
        },
      },
    );

    expect(JSON.parse(s3.objects.get('artifacts/runs/1/job-1/output/model/model.onnx')?.toString() ?? '')).toEqual({
      rounds: '10',
      hosts: ['algo-1'],
      current_host: 'algo-1',
      channel: 'File',
      data: 'a,b\n1,2\n',
      arguments: ['train'],
    });
    expect(s3.objects.has('artifacts/runs/1/job-1/output/model/sub/metrics.json')).toBe(true);
    expect(job).toMatchObject({
      TrainingJobStatus: 'Completed',
      SecondaryStatus: 'Completed',
      ModelArtifacts: { S3ModelArtifacts: 's3://artifacts/runs/1/job-1/output/model/' },
      HyperParameters: { rounds: '10' },
    });
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(job.FinalMetricDataList).toHaveLength(1);
    expect(
      local.recorded.metrics.map(({ name, value, dimensions }) => [name, value, dimensions.TrainingJobName]).sort(),
    ).toEqual([
      ['train:loss', 0.25, 'job-1'],
      ['train:loss', 0.5, 'job-1'],
    ]);
    const states = local.recorded.events.map(({ detailType, detail }) => [
      detailType,
      (detail as { SecondaryStatus: string }).SecondaryStatus,
    ]);
    expect(states.at(-1)).toEqual(['SageMaker Training Job State Change', 'Completed']);
    expect(local.recorded.problems).toEqual([]);
  });

  it('packs the model into model.tar.gz by default', async () => {
    await run(`write('model/deep/model.bin', 'x'.repeat(1000));`, {
      OutputDataConfig: { S3OutputPath: 's3://artifacts/runs/1/' },
    });

    const archive = join(folder, 'model.tar.gz');
    writeFileSync(archive, s3.objects.get('artifacts/runs/1/job-1/output/model.tar.gz') ?? '');
    const listing = execFileSync('tar', ['-tvzf', archive]).toString();
    expect(listing).toMatch(/1000 .* deep\/model\.bin\n$/);
  });

  it('fails with what the program wrote to output/failure and its exit code', async () => {
    const { job } = await run(`write('output/failure', 'label column is missing'); process.exit(3);`);

    expect(job).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: 'AlgorithmError: label column is missing, exit code: 3',
    });
    expect(job.ModelArtifacts).toBeUndefined();
  });

  it('fails for an image without a local command and for a channel without data', async () => {
    const opened = await open('');
    const send = (name: string, fields: Partial<CreateTrainingJobCommandInput>) =>
      opened.client.send(new CreateTrainingJobCommand(request({ TrainingJobName: name, ...fields })));
    await send('no-image', { AlgorithmSpecification: { TrainingImage: 'other', TrainingInputMode: 'File' } });
    await send('no-data', {
      InputDataConfig: [
        { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/none/' } } },
      ],
    });
    await opened.local.clock.settle();
    const reason = async (name: string) =>
      (await opened.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }))).FailureReason;

    expect(await reason('no-image')).toBe(
      `CannotPullContainerError: image other has no local command in MILLRACE_LOCAL_IMAGES: known are ${IMAGE}`,
    );
    expect(await reason('no-data')).toContain('no S3 objects found under S3 URL "s3://data/none/"');
  });

  it('ends a program at MaxRuntimeInSeconds, also one that ignores SIGTERM, and keeps what it had stored', async () => {
    const { job } = await run(
      `process.on('SIGTERM', () => {}); write('model/part.bin', 'half'); setInterval(() => {}, 1000);`,
      { StoppingCondition: { MaxRuntimeInSeconds: 1 } },
    );

    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
    expect(s3.objects.get('artifacts/runs/1/job-1/output/model/part.bin')?.toString()).toBe('half');
  });

  it('stops a job that is asked to stop', async () => {
    const opened = await open(`setInterval(() => {}, 1000);`);
    await opened.client.send(new CreateTrainingJobCommand(request()));

    await opened.client.send(new StopTrainingJobCommand({ TrainingJobName: 'job-1' }));
    const job = await finish(opened);

    expect(job.TrainingJobStatus).toBe('Stopped');
    await expect(opened.client.send(new StopTrainingJobCommand({ TrainingJobName: 'job-1' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('starts a spot job again from its checkpoints after the instance was taken away', async () => {
    const { job } = await run(
      `
      const file = 'checkpoints/step';
      const step = fs.existsSync(path.join(root, file)) ? Number(read(file)) : 0;
      if (step === 1) { write('model/steps', String(step + 1)); process.exit(0); }
      write(file, '1'); setInterval(() => {}, 1000);
      `,
      {
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 60 },
        CheckpointConfig: { S3Uri: 's3://artifacts/checkpoints/job-1' },
      },
      { interruptAfterMs: (_name, attempt) => (attempt === 1 ? 700 : undefined) },
    );

    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual(
      expect.arrayContaining(['Interrupted', 'Restarting', 'Completed']),
    );
    expect(s3.objects.get('artifacts/checkpoints/job-1/step')?.toString()).toBe('1');
    expect(s3.objects.get('artifacts/runs/1/job-1/output/model/steps')?.toString()).toBe('2');
  });

  const faulty = (jobFault: (attempt: number) => JobFault | undefined): FaultSource => ({
    ...NO_FAULTS,
    job: ({ attempt }) => jobFault(attempt),
  });
  const CHECKPOINTED = {
    EnableManagedSpotTraining: true,
    StoppingCondition: { MaxRuntimeInSeconds: 3_600, MaxWaitTimeInSeconds: 7_200 },
    CheckpointConfig: { S3Uri: 's3://artifacts/checkpoints/job-1' },
  };

  it('fails when an injected fault kills the program', async () => {
    const faults = faulty(() => ({ kind: 'kill', afterMs: 200 }));

    const { job } = await run('setInterval(() => {}, 1000)', {}, {}, faults);

    expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: 'AlgorithmError: signal SIGKILL' });
  });

  it('runs a function of this process in virtual time, and takes it up again where a spot instance was taken away', async () => {
    const seen: string[] = [];
    const program: LocalImage = async ({ root, environment, wait, print }) => {
      const file = join(root, 'checkpoints', 'step');
      const from = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      for (let step = from; step < 3; step += 1) {
        seen.push(`${environment.TRAINING_JOB_NAME ?? 'job'} step ${step}`);
        await wait(600_000);
        mkdirSync(join(root, 'checkpoints'), { recursive: true });
        writeFileSync(file, String(step + 1));
      }
      print('done');
      writeFileSync(join(root, 'model', 'weights'), 'w');
      return 0;
    };
    const faults = faulty((attempt) => (attempt === 1 ? { kind: 'spot-interruption', afterMs: 1_500_000 } : undefined));
    const opened = await open('', { localImages: { [IMAGE]: program } }, faults);
    await opened.client.send(new CreateTrainingJobCommand(request(CHECKPOINTED)));

    await opened.local.clock.advanceBy(7_200_000);
    const job = await opened.client.send(new DescribeTrainingJobCommand({ TrainingJobName: 'job-1' }));

    expect(job.TrainingJobStatus).toBe('Completed');
    expect(seen.map((line) => line.at(-1))).toEqual(['0', '1', '2', '2']);
    expect(s3.objects.get('artifacts/runs/1/job-1/output/model/weights')?.toString()).toBe('w');
  });

  it('ends the program that a killed cloud left running, when the next one starts on its folder', async () => {
    const first = await open('console.log(process.pid); setInterval(() => {}, 1000);');
    await first.client.send(new CreateTrainingJobCommand(request()));
    const pidOf = () => first.local.recorded.logLines.map(({ message }) => message).find((text) => /^\d+$/.test(text));
    await vi.waitUntil(() => pidOf() !== undefined, { timeout: 20_000 });

    const second = await open('');

    const isAlive = (): boolean => {
      try {
        return process.kill(Number(pidOf()), 0);
      } catch {
        return false;
      }
    };
    await vi.waitUntil(() => !isAlive(), { timeout: 20_000 });
    expect(second.local.recorded.events.at(-1)?.detail).toMatchObject({
      FailureReason: 'InternalServerError: the embedded cloud ended while the job ran',
    });
  });

  it('finds a job that ran when the process was killed and fails it with the reason', async () => {
    const first = await open('');
    const table = first.local.store.table<TrainingJobRecord>('sagemaker/training-jobs');
    await first.client.send(new CreateTrainingJobCommand(request()));
    const done = await finish(first);
    const record = table.get('job-1');
    if (record) table.put('job-1', { ...record, status: 'InProgress', secondaryStatus: 'Training' });

    const second = await open('');
    const job = await finish(second);

    expect(done.TrainingJobStatus).toBe('Completed');
    expect(job).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: 'InternalServerError: the embedded cloud ended while the job ran',
    });
    expect(second.local.recorded.events).toHaveLength(1);
  });

  it('refuses a taken name, and what it does not support by name', async () => {
    const opened = await open('');
    const send = (fields: Partial<CreateTrainingJobCommandInput>) =>
      opened.client.send(new CreateTrainingJobCommand(request(fields)));
    await send({});
    await opened.local.clock.settle();

    await expect(send({})).rejects.toMatchObject({ name: 'ResourceInUse' });
    await expect(
      send({
        TrainingJobName: 'b',
        ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 2, VolumeSizeInGB: 1 },
      }),
    ).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('InstanceCount') });
    await expect(send({ TrainingJobName: 'b', ExperimentConfig: { ExperimentName: 'e' } })).rejects.toThrow(
      'ExperimentConfig is not supported',
    );
    await expect(send({ TrainingJobName: 'b', EnableManagedSpotTraining: true })).rejects.toThrow(
      'MaxWaitTimeInSeconds must be at least',
    );
    const list = await opened.client.send(new ListTrainingJobsCommand({ StatusEquals: 'Completed' }));
    expect(list.TrainingJobSummaries?.map(({ TrainingJobName }) => TrainingJobName)).toEqual(['job-1']);
  });
});
