import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../infra/local/contracts.ts';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { type Definition, synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type WorkflowResult, type Workflows } from '../helpers/workflow.ts';

type TrainerKind = 'built-in' | 'sagemaker' | 'batch';

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'a'.repeat(64)}`;

const definitions: Readonly<Record<TrainerKind, Definition>> = {
  'built-in': synthesisedWorkflow('train-flight-delay'),
  sagemaker: synthesisedWorkflow('train-flight-delay', {
    kind: 'sagemaker',
    image: IMAGE,
    instanceType: 'ml.g5.xlarge',
  }),
  batch: synthesisedWorkflow('train-flight-delay', { kind: 'batch', image: IMAGE, gpus: 1 }),
};

/** The trainers differ in one state: the others are gone through once, with the built-in one. */
const isTrain = (state: string): boolean => state === 'Train';
const ledgers = {
  'built-in': createBranchLedger(definitions['built-in']),
  sagemaker: createBranchLedger(definitions.sagemaker, isTrain),
  batch: createBranchLedger(definitions.batch, isTrain),
};

const INPUT = { model: 'flight-delay', cause: { kind: 'call', principal: 'ann', requestId: 'r-1' } };
const DIGEST = 'd'.repeat(64);

interface Call {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (options: {
  readonly trainer?: TrainerKind;
  readonly job?: unknown;
  readonly functions?: Readonly<Record<string, WorkflowFunction>>;
  readonly input?: unknown;
  readonly call?: (service: string, action: string, parameters: never) => unknown;
}): Promise<{ result: WorkflowResult; calls: readonly Call[] }> => {
  const trainer = options.trainer ?? 'built-in';
  const calls: Call[] = [];
  const answers: Readonly<Record<string, WorkflowFunction>> = {
    'record-run': () => ({ runId: 'x' }),
    'snapshot-data': () => ({ snapshotId: DIGEST, objectCount: 3, sizeBytes: 9 }),
    'build-features': () => ({ trainedThroughMs: 77, job: options.job ?? { kind: 'built-in' } }),
    'train-model': ({ runId, phase }: { runId: string; phase: string }) => ({
      prefix: `runs/flight-delay/${runId}/${phase}/model/`,
    }),
    'collect-model': () => ({ modelDigest: DIGEST, rounds: 42 }),
    'evaluate-model': () => ({ passed: true, outcome: 'passed: loss 0.4', metrics: { holdoutLoss: 0.4 } }),
    'profile-model': () => ({ artifactPrefix: 'models/m/d/', modelDigest: DIGEST, manifestDigest: DIGEST }),
    'register-model-version': () => ({ version: 3 }),
    'decide-approval': () => ({ step: 'approve' }),
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
  const machine = await workflows.create('train', definitions[trainer]);
  const execution = await workflows.start(machine, options.input ?? INPUT, 'call-1');
  const result = await workflows.finish(execution);
  ledgers[trainer].note(result.history);
  return { result, calls };
};

const PREPARATION = ['Own model?', 'Start run', 'Snapshot data', 'Build features'];
const CANDIDATE = ['Train', 'Collect model', 'Which phase?', 'Evaluate model', 'Gate passed?'];
const REFIT = ['Train', 'Collect model', 'Which phase?', 'Profile model', 'Register model version', 'Decide approval'];

describe('the training pipeline', () => {
  it('is the same with every trainer, but for the state Train', () => {
    const rest = ({ States: { Train: _train, ...states }, ...definition }: Definition) => ({ ...definition, states });

    expect(rest(definitions.sagemaker)).toEqual(rest(definitions['built-in']));
    expect(rest(definitions.batch)).toEqual(rest(definitions['built-in']));
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
    const trained = calls.filter(({ name }) => name === 'train-model').map(({ payload }) => payload);
    expect(trained).toEqual([
      { model: 'flight-delay', runId: 'call-1', phase: 'candidate', rounds: null, fresh: false },
      { model: 'flight-delay', runId: 'call-1', phase: 'refit', rounds: 42, fresh: false },
    ]);
    expect(calls.find(({ name }) => name === 'register-model-version')?.payload).toEqual({
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
      metrics: { holdoutLoss: 0.4 },
      snapshotId: DIGEST,
    });
  });

  it('ends well, with the numbers, when the gate refuses', async () => {
    const { result, calls } = await run({
      functions: { 'evaluate-model': () => ({ passed: false, outcome: 'refused: loss 0.9', metrics: {} }) },
    });

    expect(result.visited).toEqual([...PREPARATION, ...CANDIDATE, 'Refuse model', 'Run finished']);
    expect(result.status).toBe('SUCCEEDED');
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'refuse', outcome: 'refused: loss 0.9', cause: INPUT.cause });
  });

  it('looks failed and says why when the data is refused, without trying again', async () => {
    const { result, calls } = await run({
      functions: { 'build-features': failing('InvalidRequestError', 'got 12 rows') },
    });

    expect(result.visited).toEqual([...PREPARATION, 'Fail run', 'Run failed']);
    expect(result.status).toBe('FAILED');
    expect(result.error).toBe('InvalidRequestError');
    expect(calls.filter(({ name }) => name === 'build-features')).toHaveLength(1);
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'fail', error: 'InvalidRequestError' });
    expect(JSON.parse(String(calls.at(-1)?.payload.errorCause)).errorMessage).toBe('got 12 rows');
  });

  it('tries again what may pass by itself', async () => {
    const flaky: WorkflowFunction = (_payload, before) => {
      if (before < 2) throw Object.assign(new Error('throttled'), { name: 'UnavailableError' });
      return { version: 3 };
    };

    const { result, calls } = await run({ functions: { 'register-model-version': flaky } });

    expect(result.status).toBe('SUCCEEDED');
    expect(calls.filter(({ name }) => name === 'register-model-version')).toHaveLength(3);
  });

  it('gives up after six retries, and still looks failed when the failure cannot be recorded', async () => {
    const { result, calls } = await run({
      functions: {
        'snapshot-data': failing('UnavailableError', 'down'),
        'record-run': (payload: { action: string }) => {
          if (payload.action === 'fail') throw Object.assign(new Error('down'), { name: 'InvalidStateError' });
          return {};
        },
      },
    });

    expect(result.visited).toEqual([...PREPARATION.slice(0, 3), 'Fail run', 'Run failed']);
    expect(calls.filter(({ name }) => name === 'snapshot-data')).toHaveLength(7);
    expect(result).toMatchObject({ status: 'FAILED', error: 'UnavailableError' });
  });

  it('refuses to train another model', async () => {
    const { result, calls } = await run({ input: { ...INPUT, model: 'births' } });

    expect(result.visited).toEqual(['Own model?', 'Wrong model']);
    expect(result.status).toBe('FAILED');
    expect(calls).toEqual([]);
  });
});

/** Fails for the payloads with this action; `record-run` serves four states. */
const failingFor =
  (errorName: string, action: string | undefined): WorkflowFunction =>
  (payload: { readonly action?: string }, before) =>
    payload.action === action ? failing(errorName)(payload as never, before) : {};

const refused = { 'evaluate-model': (() => ({ passed: false, outcome: 'refused', metrics: {} })) as WorkflowFunction };
const unprepared = { 'build-features': failing('InvalidRequestError') };
const FAILED = ['Fail run', 'Run failed'];

interface Place {
  readonly state: string;
  readonly name: string;
  readonly action?: string;
  /** What brings the pipeline there. */
  readonly others?: Readonly<Record<string, WorkflowFunction>>;
  /** Visited before the state, and after it gave up. */
  readonly before: readonly string[];
  readonly after?: readonly string[];
}

const upTo = (states: readonly string[], name: string): readonly string[] => states.slice(0, states.indexOf(name));
const whole = [...PREPARATION, ...CANDIDATE, ...REFIT];

const PLACES: readonly Place[] = [
  { state: 'Start run', name: 'record-run', action: 'start', before: ['Own model?'] },
  { state: 'Snapshot data', name: 'snapshot-data', before: upTo(whole, 'Snapshot data') },
  { state: 'Build features', name: 'build-features', before: upTo(whole, 'Build features') },
  { state: 'Train', name: 'train-model', before: PREPARATION },
  { state: 'Collect model', name: 'collect-model', before: upTo(whole, 'Collect model') },
  { state: 'Evaluate model', name: 'evaluate-model', before: upTo(whole, 'Evaluate model') },
  { state: 'Profile model', name: 'profile-model', before: upTo(whole, 'Profile model') },
  { state: 'Register model version', name: 'register-model-version', before: upTo(whole, 'Register model version') },
  { state: 'Decide approval', name: 'decide-approval', before: upTo(whole, 'Decide approval') },
  { state: 'End run', name: 'record-run', action: 'finish', before: whole },
  {
    state: 'Refuse model',
    name: 'record-run',
    action: 'refuse',
    others: refused,
    before: [...PREPARATION, ...CANDIDATE],
  },
  {
    state: 'Fail run',
    name: 'record-run',
    action: 'fail',
    others: unprepared,
    before: PREPARATION,
    after: ['Run failed'],
  },
];

describe.each(PLACES)('the training pipeline, when $state fails', ({ state, name, action, others, before, after }) => {
  it.each([
    ['UnavailableError', 7],
    ['Lambda.TooManyRequestsException', 7],
    ['Lambda.Unknown', 2],
    ['Runtime.ExitError', 2],
    ['AssertionError', 1],
  ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
    const functions = { ...others, [name]: failingFor(errorName, action) };

    const { result, calls } = await run({ functions });

    expect(result.visited).toEqual([...before, state, ...(after ?? FAILED)]);
    // What could not be recorded must not hide why the run failed.
    expect(result).toMatchObject({ status: 'FAILED', error: state === 'Fail run' ? 'InvalidRequestError' : errorName });
    expect(calls.filter((call) => call.name === name && call.payload.action === action)).toHaveLength(attempts);
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

    expect(result.visited).toEqual([...PREPARATION, 'Train', 'Fail run', 'Run failed']);
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

    expect(result.visited).toEqual([...PREPARATION, 'Train', ...FAILED]);
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

it.each(['built-in', 'sagemaker', 'batch'] as const)(
  'the training pipeline with the %s trainer was gone through by every choice, catcher and exhausted retrier',
  (trainer) => {
    expect(ledgers[trainer].unvisited()).toEqual([]);
  },
);
