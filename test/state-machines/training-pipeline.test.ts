import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../infra/local/contracts.ts';
import {
  functionArn,
  startWorkflows,
  type WorkflowFunction,
  type WorkflowResult,
  type Workflows,
} from '../helpers/workflow.ts';

/** It comes without types. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  readonly errors: readonly unknown[];
};

type TrainerKind = 'built-in' | 'sagemaker' | 'batch';

const read = (file: string) => JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'));

const OTHER_TOKENS: Readonly<Record<string, string>> = {
  ModelName: 'flight-delay',
  ArtifactBucketName: 'artifacts',
  TrainingRoleArn: 'arn:aws:iam::000000000000:role/training',
  EncryptionKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1',
  JobQueueArn: 'arn:aws:batch:us-east-1:000000000000:job-queue/q',
  JobDefinitionArn: 'arn:aws:batch:us-east-1:000000000000:job-definition/d:1',
};

const definitionWith = (trainer: TrainerKind) => {
  const pipeline = read('training-pipeline');
  pipeline.States.Train = read(`train/${trainer}`).State;
  const text = JSON.stringify(pipeline).replace(/\$\{(\w+)\}/g, (_, token: string) => {
    const folder = /^(\w+)FunctionArn$/.exec(token)?.[1];
    const value = folder ? functionArn(folder) : OTHER_TOKENS[token];
    if (value === undefined) throw new Error(`no value for token ${token}`);
    return value;
  });
  return JSON.parse(text);
};

const INPUT = { model: 'flight-delay', cause: { kind: 'call', principal: 'ann', requestId: 'r-1' } };
const DIGEST = 'd'.repeat(64);

interface Call {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

let workflows: Workflows | undefined;
afterEach(() => workflows?.stop());

const fails =
  (name: string, message: string): WorkflowFunction =>
  () => {
    throw Object.assign(new Error(message), { name });
  };

const run = async (options: {
  readonly trainer?: TrainerKind;
  readonly job?: unknown;
  readonly functions?: Readonly<Record<string, WorkflowFunction>>;
  readonly input?: unknown;
  readonly call?: (service: string, action: string, parameters: never) => unknown;
}): Promise<{ result: WorkflowResult; calls: readonly Call[] }> => {
  const calls: Call[] = [];
  const answers: Readonly<Record<string, WorkflowFunction>> = {
    RecordRun: () => ({ runId: 'x' }),
    SnapshotData: () => ({ snapshotId: DIGEST, objectCount: 3, sizeBytes: 9 }),
    BuildFeatures: () => ({ trainedThroughMs: 77, job: options.job ?? { kind: 'built-in' } }),
    TrainModel: ({ runId, phase }: { runId: string; phase: string }) => ({
      prefix: `runs/flight-delay/${runId}/${phase}/model/`,
    }),
    CollectModel: () => ({ modelDigest: DIGEST, rounds: 42 }),
    EvaluateModel: () => ({ passed: true, outcome: 'passed: loss 0.4', metrics: { holdoutLoss: 0.4 } }),
    ProfileModel: () => ({ artifactPrefix: 'models/m/d/', modelDigest: DIGEST, manifestDigest: DIGEST }),
    RegisterModelVersion: () => ({ version: 3 }),
    DecideApproval: () => ({ step: 'approve' }),
    ...options.functions,
  };
  const functions = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (payload: never, before: number) => {
        calls.push({ name, payload });
        return answer(payload, before);
      },
    ]),
  );
  workflows = await startWorkflows({ functions, ...(options.call ? { call: options.call } : {}) });
  const machine = await workflows.create('train', definitionWith(options.trainer ?? 'built-in'));
  const execution = await workflows.start(machine, options.input ?? INPUT, 'call-1');
  return { result: await workflows.finish(execution), calls };
};

const PREPARATION = ['Own model?', 'Start run', 'Snapshot data', 'Build features'];
const CANDIDATE = ['Train', 'Collect model', 'Which phase?', 'Evaluate model', 'Gate passed?'];
const REFIT = ['Train', 'Collect model', 'Which phase?', 'Profile model', 'Register model version', 'Decide approval'];

describe('the training pipeline', () => {
  it.each(['built-in', 'sagemaker', 'batch'] as const)('is a valid definition with the %s trainer', (trainer) => {
    const { isValid, errors } = aslValidator(definitionWith(trainer));

    expect(errors).toEqual([]);
    expect(isValid).toBe(true);
  });

  it('trains a candidate, judges it, trains on everything and registers', async () => {
    const { result, calls } = await run({});

    expect(result.visited).toEqual([...PREPARATION, ...CANDIDATE, ...REFIT, 'End run', 'Run finished']);
    expect(result.status).toBe('SUCCEEDED');
    expect(result.output).toEqual({
      model: 'flight-delay',
      runId: 'call-1',
      passed: true,
      outcome: 'passed: loss 0.4',
    });
    const trained = calls.filter(({ name }) => name === 'TrainModel').map(({ payload }) => payload);
    expect(trained).toEqual([
      { model: 'flight-delay', runId: 'call-1', phase: 'candidate', rounds: null },
      { model: 'flight-delay', runId: 'call-1', phase: 'refit', rounds: 42 },
    ]);
    expect(calls.find(({ name }) => name === 'RegisterModelVersion')?.payload).toEqual({
      model: 'flight-delay',
      runId: 'call-1',
      artifactPrefix: 'models/m/d/',
      modelDigest: DIGEST,
      manifestDigest: DIGEST,
      metrics: { holdoutLoss: 0.4 },
      trainedThroughMs: 77,
      snapshotId: DIGEST,
    });
    expect(calls.at(-1)?.payload).toEqual({
      action: 'finish',
      model: 'flight-delay',
      runId: 'call-1',
      outcome: 'passed: loss 0.4',
      version: 3,
    });
  });

  it('ends well, with the numbers, when the gate refuses', async () => {
    const { result, calls } = await run({
      functions: { EvaluateModel: () => ({ passed: false, outcome: 'refused: loss 0.9', metrics: {} }) },
    });

    expect(result.visited).toEqual([...PREPARATION, ...CANDIDATE, 'Refuse model', 'Run finished']);
    expect(result.status).toBe('SUCCEEDED');
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'refuse', outcome: 'refused: loss 0.9', cause: INPUT.cause });
  });

  it('looks failed and says why when the data is refused, without trying again', async () => {
    const { result, calls } = await run({ functions: { BuildFeatures: fails('InvalidRequestError', 'got 12 rows') } });

    expect(result.visited).toEqual([...PREPARATION, 'Fail run', 'Run failed']);
    expect(result.status).toBe('FAILED');
    expect(result.error).toBe('InvalidRequestError');
    expect(calls.filter(({ name }) => name === 'BuildFeatures')).toHaveLength(1);
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'fail', error: 'InvalidRequestError' });
    expect(JSON.parse(String(calls.at(-1)?.payload.errorCause)).errorMessage).toBe('got 12 rows');
  });

  it('tries again what may pass by itself', async () => {
    const flaky: WorkflowFunction = (_payload, before) => {
      if (before < 2) throw Object.assign(new Error('throttled'), { name: 'UnavailableError' });
      return { version: 3 };
    };

    const { result, calls } = await run({ functions: { RegisterModelVersion: flaky } });

    expect(result.status).toBe('SUCCEEDED');
    expect(calls.filter(({ name }) => name === 'RegisterModelVersion')).toHaveLength(3);
  });

  it('gives up after six retries, and still looks failed when the failure cannot be recorded', async () => {
    const { result, calls } = await run({
      functions: {
        SnapshotData: fails('UnavailableError', 'down'),
        RecordRun: (payload: { action: string }) => {
          if (payload.action === 'fail') throw Object.assign(new Error('down'), { name: 'InvalidStateError' });
          return {};
        },
      },
    });

    expect(result.visited).toEqual([...PREPARATION.slice(0, 3), 'Fail run', 'Run failed']);
    expect(calls.filter(({ name }) => name === 'SnapshotData')).toHaveLength(7);
    expect(result).toMatchObject({ status: 'FAILED', error: 'UnavailableError' });
  });

  it('refuses to train another model', async () => {
    const { result, calls } = await run({ input: { ...INPUT, model: 'births' } });

    expect(result.visited).toEqual(['Own model?', 'Wrong model']);
    expect(result.status).toBe('FAILED');
    expect(calls).toEqual([]);
  });
});

describe('the SageMaker trainer', () => {
  const job = {
    kind: 'sagemaker',
    image: 'repo@sha256:1',
    instanceType: 'ml.g5.xlarge',
    instanceCount: 1,
    volumeSizeGb: 50,
    spot: true,
    stoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 1200 },
    metricDefinitions: [{ Name: 'loss', Regex: 'loss=(.*)' }],
    timeoutSeconds: 4800,
    hyperparameters: { epochs: '3' },
  };

  it('asks for spot, checkpoints and unpacked output, and collects from where SageMaker puts it', async () => {
    const requests: Record<string, unknown>[] = [];
    const call = (_service: string, action: string, parameters: Record<string, unknown>) => {
      if (action === 'CreateTrainingJob') requests.push(parameters);
      return action === 'CreateTrainingJob'
        ? { TrainingJobArn: `arn:aws:sagemaker:us-east-1:000000000000:training-job/${parameters.TrainingJobName}` }
        : { TrainingJobName: parameters.TrainingJobName, TrainingJobStatus: 'Completed' };
    };

    const { result, calls } = await run({ trainer: 'sagemaker', job, call: call as never });

    expect(result.status).toBe('SUCCEEDED');
    expect(requests).toHaveLength(2);
    const [candidate, refit] = requests;
    expect(candidate).toMatchObject({
      TrainingJobName: 'call-1-candidate',
      AlgorithmSpecification: { TrainingImage: 'repo@sha256:1', MetricDefinitions: job.metricDefinitions },
      HyperParameters: { epochs: '3', phase: 'candidate' },
      OutputDataConfig: {
        S3OutputPath: 's3://artifacts/runs/flight-delay/call-1/candidate/jobs',
        CompressionType: 'NONE',
      },
      CheckpointConfig: { S3Uri: 's3://artifacts/runs/flight-delay/call-1/candidate/checkpoints' },
      EnableManagedSpotTraining: true,
      StoppingCondition: job.stoppingCondition,
    });
    expect(candidate?.HyperParameters).not.toHaveProperty('rounds');
    expect(refit).toMatchObject({
      TrainingJobName: 'call-1-refit',
      HyperParameters: { epochs: '3', phase: 'refit', rounds: '42' },
      InputDataConfig: [
        { DataSource: { S3DataSource: { S3Uri: 's3://artifacts/runs/flight-delay/call-1/features/all.parquet' } } },
      ],
    });
    const collected = calls.filter(({ name }) => name === 'CollectModel').map(({ payload }) => payload.prefix);
    expect(collected).toEqual([
      'runs/flight-delay/call-1/candidate/jobs/call-1-candidate/output/model/',
      'runs/flight-delay/call-1/refit/jobs/call-1-refit/output/model/',
    ]);
  });

  it('fails the run when the job fails', async () => {
    const call = (_service: string, action: string, { TrainingJobName }: { TrainingJobName: string }) =>
      action === 'CreateTrainingJob'
        ? { TrainingJobArn: `arn:aws:sagemaker:us-east-1:000000000000:training-job/${TrainingJobName}` }
        : { TrainingJobName, TrainingJobStatus: 'Failed', FailureReason: 'out of memory' };

    const { result, calls } = await run({ trainer: 'sagemaker', job, call: call as never });

    expect(result.visited).toEqual([...PREPARATION, 'Train', 'Fail run', 'Run failed']);
    expect(String(calls.at(-1)?.payload.errorCause)).toContain('out of memory');
  });
});

describe('the Batch trainer', () => {
  const job = { kind: 'batch', maxRuntimeSeconds: 600, timeoutSeconds: 4200, hyperparameters: { epochs: '3' } };

  it('tells the containers where rows, settings and model lie', async () => {
    const requests: Record<string, unknown>[] = [];
    const call = (_service: string, action: string, parameters: Record<string, unknown>) => {
      if (action === 'SubmitJob') requests.push(parameters);
      if (action === 'SubmitJob')
        return { jobId: 'job-1', jobName: 'n', jobArn: 'arn:aws:batch:us-east-1:0:job/job-1' };
      return { jobs: [{ jobId: 'job-1', jobName: 'n', status: 'SUCCEEDED' }] };
    };

    const { result } = await run({ trainer: 'batch', job, call: call as never });

    expect(result.status).toBe('SUCCEEDED');
    const text = JSON.stringify(requests[1]);
    expect(requests).toHaveLength(2);
    expect(text).toContain('runs/flight-delay/call-1/features/all.parquet');
    expect(text).toContain('runs/flight-delay/call-1/refit/model/');
    expect(text).toContain(JSON.stringify(JSON.stringify({ epochs: '3', phase: 'refit', rounds: '42' })).slice(1, -1));
  });

  it('tries again when Batch itself stumbles', async () => {
    let submissions = 0;
    const call = (_service: string, action: string) => {
      if (action !== 'SubmitJob') return { jobs: [{ jobId: 'job-1', status: 'SUCCEEDED' }] };
      submissions += 1;
      if (submissions === 1) throw new AwsError('ServerException', 'try later', 500);
      return { jobId: 'job-1', jobName: 'n', jobArn: 'arn:aws:batch:us-east-1:0:job/job-1' };
    };

    const { result } = await run({ trainer: 'batch', job, call: call as never });

    expect(result.status).toBe('SUCCEEDED');
    expect(submissions).toBe(3);
  });
});
