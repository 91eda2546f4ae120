import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../infra/local/contracts.ts';
import type { Definition } from '../helpers/synthesised-workflows.ts';
import { openTrainingPipelines, PREPARATION } from '../helpers/training-pipeline.ts';

const { definitionOf, run, stop, unvisited } = openTrainingPipelines(['built-in', 'sagemaker', 'batch']);
afterEach(stop);

describe('the training pipeline of an image', () => {
  it('is the same with every trainer, but for the state Train', () => {
    const rest = ({ States: { Train: _train, ...states }, ...definition }: Definition) => ({ ...definition, states });

    expect(rest(definitionOf('sagemaker'))).toEqual(rest(definitionOf('built-in')));
    expect(rest(definitionOf('batch'))).toEqual(rest(definitionOf('built-in')));
  });
});

const SAGEMAKER_JOB = {
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

describe('the SageMaker trainer', () => {
  it('asks for spot, checkpoints and unpacked output, and collects from where SageMaker puts it', async () => {
    const requests: Record<string, unknown>[] = [];
    const call = (_service: string, action: string, parameters: Record<string, unknown>) => {
      if (action === 'CreateTrainingJob') requests.push(parameters);
      return action === 'CreateTrainingJob'
        ? { TrainingJobArn: `arn:aws:sagemaker:us-east-1:000000000000:training-job/${parameters.TrainingJobName}` }
        : { TrainingJobName: parameters.TrainingJobName, TrainingJobStatus: 'Completed' };
    };

    const { result, calls } = await run({ trainer: 'sagemaker', job: SAGEMAKER_JOB, call: call as never });

    expect(result.status).toBe('SUCCEEDED');
    expect(requests).toHaveLength(2);
    const [candidate, refit] = requests;
    expect(candidate).toMatchObject({
      TrainingJobName: 'call-1-candidate',
      AlgorithmSpecification: { TrainingImage: 'repo@sha256:1', MetricDefinitions: SAGEMAKER_JOB.metricDefinitions },
      HyperParameters: { epochs: '3', phase: 'candidate' },
      OutputDataConfig: {
        S3OutputPath: 's3://artifacts/runs/flight-delay/call-1/candidate/jobs',
        CompressionType: 'NONE',
      },
      CheckpointConfig: { S3Uri: 's3://artifacts/runs/flight-delay/call-1/candidate/checkpoints' },
      EnableManagedSpotTraining: true,
      StoppingCondition: SAGEMAKER_JOB.stoppingCondition,
    });
    expect(candidate?.HyperParameters).not.toHaveProperty('rounds');
    expect(refit).toMatchObject({
      TrainingJobName: 'call-1-refit',
      HyperParameters: { epochs: '3', phase: 'refit', rounds: '42' },
      InputDataConfig: [
        { DataSource: { S3DataSource: { S3Uri: 's3://artifacts/runs/flight-delay/call-1/features/all.parquet' } } },
      ],
    });
    const collected = calls.filter(({ name }) => name === 'collect-model').map(({ payload }) => payload.prefix);
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

    const { result, calls } = await run({ trainer: 'sagemaker', job: SAGEMAKER_JOB, call: call as never });

    expect(result.visited).toEqual([...PREPARATION, 'Rang an alarm?', 'Train', 'Fail run', 'Run failed']);
    expect(String(calls.at(-1)?.payload.errorCause)).toContain('out of memory');
  });
});

describe.each([
  ['sagemaker', 'CreateTrainingJob', 'ResourceLimitExceeded', 'SageMaker.ResourceLimitExceededException'],
  ['sagemaker', 'CreateTrainingJob', 'ThrottlingException', 'SageMaker.AmazonSageMakerException'],
  ['batch', 'SubmitJob', 'ServerException', 'Batch.ServerException'],
  ['batch', 'SubmitJob', 'TooManyRequestsException', 'Batch.AWSBatchException'],
] as const)('the %s trainer, when %s answers %s', (trainer, submission, code, errorName) => {
  it('gives up after three retries, and the run looks failed', async () => {
    let submissions = 0;
    const call = (_service: string, action: string) => {
      submissions += action === submission ? 1 : 0;
      throw new AwsError(code, 'not now', 400);
    };
    // Whatever either trainer's request reads of the job.
    const job = { ...SAGEMAKER_JOB, maxRuntimeSeconds: 300 };

    const { result } = await run({ trainer, job, call });

    expect(result.visited).toEqual([...PREPARATION, 'Rang an alarm?', 'Train', 'Fail run', 'Run failed']);
    expect({ ...result, submissions }).toMatchObject({ status: 'FAILED', error: errorName, submissions: 4 });
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

it.each(['sagemaker', 'batch'] as const)(
  'the state Train with the %s trainer was gone through by every choice, catcher and exhausted retrier',
  (trainer) => {
    expect(unvisited(trainer)).toEqual([]);
  },
);
