import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BatchClient, ListJobsCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { LambdaClient, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { DAY_MS, HOUR_MS } from '../../shared/kernel/time.ts';
import type { DriverLine, DriverPlan } from '../helpers/kill-driver.ts';
import { launchVictim } from '../helpers/kill-victim.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/**
 * One training and its rollout, through which the cloud is killed again and again, always a bit later in its life.
 * After each kill a copy of what lies on the disk is brought up, checked and brought to the end.
 */

const MODEL = 'toy';
const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trees@sha256:${'b'.repeat(64)}`;
const PROGRAM = join(import.meta.dirname, '../helpers/images/boosted-trees.ts');
const LOCAL_IMAGES = { [IMAGE]: [process.execPath, PROGRAM] };
const CONTAINERS = ['in-batch', 'in-sagemaker'];
const deployment = { canarySteps: [0.5, 1], bakeMinutes: 60 };
const container = { image: IMAGE, spot: true, hyperparameters: { max_rounds: '20' } } as const;
const DEFINITIONS = [
  // What is asked here is what a kill breaks, not which of two equal models is better on three days.
  benchDefinition({ name: MODEL, deployment, evaluation: { holdoutDays: 3, margin: 0.2 } }),
  benchDefinition({ name: 'in-batch', deployment, trainer: { kind: 'batch', ...container } }),
  benchDefinition({
    name: 'in-sagemaker',
    deployment,
    trainer: { kind: 'sagemaker', instanceType: 'ml.g5.xlarge', ...container },
  }),
];

const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
/** The state that is killed, once after the other. */
const life = join(folder, 'life');
let assemblyFolder: string;
/** The states of the first training, which nobody disturbed. */
let undisturbed: readonly string[];

/** What was acknowledged before a kill, by prediction id. */
const answered = new Map<string, { readonly probability: number; readonly version: number }>();
const labelled = new Map<string, number>();
/** Predictions that the function itself counted as not captured. */
let captureFailed = 0;

beforeAll(async () => {
  assemblyFolder = await assemble(DEFINITIONS);
  const cloud = await startTestCloud({ assemblyFolder, stateFolder: life, localImages: LOCAL_IMAGES });
  await cloud.loadToyDays(0, 14);
  await cloud.platform.requestTraining(MODEL, 'first');
  await cloud.until('the first version is in service', async () =>
    (await cloud.platform.rollouts(MODEL)).some(({ status }) => status === 'PROMOTED'),
  );
  const [training] = await cloud.observer.executions(/^train-toy$/);
  undisturbed = (await cloud.observer.enteredStates(training?.arn ?? '')).map(({ name }) => name);
  await cloud.loadToyDays(14, 15);
  await cloud.cloud.clock.advanceBy(4 * HOUR_MS);
  await cloud.stop();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(assemblyFolder, '..'), { recursive: true, force: true });
});

const plan = (more: Partial<DriverPlan>): DriverPlan => ({
  assemblyFolder,
  stateFolder: life,
  localImages: LOCAL_IMAGES,
  train: [],
  driveTo: 'the end',
  ...more,
});

/** Clients of a cloud in another process. */
const connect = ({ endpoint = '', platformUrl = '', predictUrl = '', nowMs = 0 }: DriverLine) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clientConfig = { endpoint, region: 'us-east-1', credentials };
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

/** Works on a copy of what the kill left, so that the next moment starts from the same place. */
const withSurvivor = async (work: (survivor: TestCloud) => Promise<void>): Promise<void> => {
  const stateFolder = mkdtempSync(join(folder, 'copy-'));
  cpSync(life, stateFolder, { recursive: true });
  const survivor = await startTestCloud({ assemblyFolder, stateFolder, localImages: LOCAL_IMAGES });
  try {
    await work(survivor);
  } finally {
    await survivor.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
};

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Holds at any time: numbers without gaps, no run with two versions, and traffic where the registry says. */
const expectSane = async ({ platform, observer }: TestCloud): Promise<void> => {
  const weights = await observer.liveWeights(MODEL);
  const [versions, rollouts] = [await platform.versions(MODEL), await platform.rollouts(MODEL)];
  const champion = rollouts.findLast(({ status }) => status === 'PROMOTED') as { lambdaVersion?: string } | undefined;
  const running = rollouts.find(({ status }) => status === 'RUNNING') as { lambdaVersion?: string } | undefined;

  expect(versions.map(({ version }) => version)).toEqual(numbers(versions.length));
  expect(new Set(versions.map(({ runId }) => runId)).size).toBe(versions.length);
  expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  for (const lambdaVersion of Object.keys(weights)) {
    expect([champion?.lambdaVersion, running?.lambdaVersion]).toContain(lambdaVersion);
  }
};

const expectOneVersionPerRun = async ({ platform, observer }: TestCloud, model: string, count: number) => {
  const [versions, runs] = [await platform.versions(model), await platform.runs(model)];

  expect(runs.map(({ status, version }) => [status, version])).toEqual(numbers(count).map((n) => ['FINISHED', n]));
  expect(versions.map(({ status, runId }) => [status, runId])).toEqual(runs.map(({ runId }) => ['APPROVED', runId]));
  for (const { artifactPrefix } of versions) {
    const bytes = await observer.readArtifact(`${artifactPrefix}model.onnx`);
    expect(artifactPrefix).toContain(createHash('sha256').update(bytes).digest('hex'));
  }
};

const publishedVersions = async ({ clientConfig }: TestCloud): Promise<readonly (string | undefined)[]> => {
  const client = new LambdaClient(clientConfig);
  try {
    const FunctionName = inferenceFunctionName('local', MODEL);
    const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    return Versions.filter(({ Version }) => Version !== '$LATEST').flatMap(
      ({ Environment }) => Environment?.Variables?.MODEL_VERSION ?? [],
    );
  } finally {
    client.destroy();
  }
};

interface CaptureLine {
  readonly kind: 'prediction' | 'label';
  readonly predictionId: string;
  readonly output: number;
  readonly version: number;
  readonly label: number;
}

const readCaptures = async ({ observer }: TestCloud): Promise<readonly CaptureLine[]> => {
  const lines: CaptureLine[] = [];
  for (const { key } of await observer.data.list(capturePrefix(MODEL))) {
    const text = gunzipSync(await observer.data.get(key)).toString('utf8');
    lines.push(...text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as CaptureLine])));
  }
  return lines;
};

/** What the inference functions counted as answered without a capture. */
const countCaptureFailures = async (clientConfig: TestCloud['clientConfig']): Promise<number> => {
  const client = new CloudWatchClient(clientConfig);
  const Metric = {
    Namespace: METRIC_NAMESPACE,
    MetricName: METRIC_NAMES.captureFailed,
    Dimensions: [{ Name: MODEL_DIMENSION, Value: modelDimensionValue('local', MODEL) }],
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

/** Every acknowledged prediction and label lies in the bucket once, as it was acknowledged, and nothing else. */
const expectNothingLost = async (survivor: TestCloud): Promise<void> => {
  const lines = await readCaptures(survivor);
  const predictions = lines.filter(({ kind }) => kind === 'prediction');
  const labels = lines.filter(({ kind }) => kind === 'label');
  const captured = new Set(predictions.map(({ predictionId }) => predictionId));

  expect(predictions).toHaveLength(captured.size);
  for (const { predictionId, output, version } of predictions) {
    expect({ probability: output, version }).toEqual(answered.get(predictionId));
  }
  expect([...answered.keys()].filter((id) => !captured.has(id)).length).toBeLessThanOrEqual(captureFailed);
  expect(new Map(labels.map(({ predictionId, label }) => [predictionId, label]))).toEqual(labelled);
  expect(labels).toHaveLength(labelled.size);
};

/** Brings the copy to the end of the training and its rollout; then everything is as if nothing had happened. */
const expectTheEnd = async (survivor: TestCloud): Promise<void> => {
  const { platform, observer } = survivor;
  await survivor.until('the second version is in service', async () => {
    const rollouts = await platform.rollouts(MODEL);
    const executions = await observer.executions();
    return rollouts.length === 2 && executions.every(({ status }) => status !== 'RUNNING');
  });
  const executions = await observer.executions(/^(train-toy|canary-rollout)$/);
  const training = executions.findLast(({ workflow }) => workflow === 'train-toy');
  const rollouts = await platform.rollouts(MODEL);
  const live = (rollouts[1] as { lambdaVersion?: string } | undefined)?.lambdaVersion ?? '';

  expect(executions.map(({ workflow, status }) => [workflow, status])).toEqual([
    ['train-toy', 'SUCCEEDED'],
    ['canary-rollout', 'SUCCEEDED'],
    ['train-toy', 'SUCCEEDED'],
    ['canary-rollout', 'SUCCEEDED'],
  ]);
  expect((await observer.enteredStates(training?.arn ?? '')).map(({ name }) => name)).toEqual(undisturbed);
  await expectOneVersionPerRun(survivor, MODEL, 2);
  expect(rollouts.map(({ version, status, weights }) => ({ version, status, weights }))).toEqual([
    { version: 1, status: 'PROMOTED', weights: [0.5, 1] },
    { version: 2, status: 'PROMOTED', weights: [0.5, 1] },
  ]);
  expect(await observer.liveWeights(MODEL)).toEqual({ [live]: 1 });
  expect((await publishedVersions(survivor)).toSorted()).toEqual(['1', '2']);
  expect(await platform.predict(MODEL, { features: { x: 0.9, kind: 'a' } })).toMatchObject({
    status: 200,
    body: { version: 2, probability: expect.closeTo(0.9, 0) },
  });
};

const FUNCTION = '/2015-03-31/functions/millrace-local-infer-toy';

describe('a cloud that is killed', { timeout: 60_000 }, () => {
  const killFrozen = async (after: readonly string[], when: 'received' | 'answered', train: readonly string[] = []) => {
    const victim = launchVictim(plan({ train, freeze: { after, when } }));
    try {
      await victim.reached('frozen');
    } finally {
      await victim.kill();
    }
  };

  const expectSurvival = () =>
    withSurvivor(async (survivor) => {
      await expectSane(survivor);
      await expectTheEnd(survivor);
      await expectNothingLost(survivor);
      await expectSane(survivor);
    });

  it('goes on when the request to train was answered and nothing had begun', async () => {
    await killFrozen(['POST .*/models/toy/train'], 'answered', [MODEL]);
    await expectSurvival();
  });

  it('goes on while a model is trained', async () => {
    const victim = launchVictim(plan({}));
    const { observer, close } = connect(await victim.reached('started'));
    let newest: string | undefined;
    while (newest !== 'Train') {
      const [, training] = await observer.executions(/^train-toy$/);
      newest = training && (await observer.enteredStates(training.arn)).at(-1)?.name;
      if (newest === 'Collect model') throw new Error('the training ended before it was seen');
    }
    await victim.kill();
    close();

    await expectSurvival();
  });

  it.each([
    ['before the registration is written', ['GET .*/manifest.json', 'TransactWriteItems'], 'received'],
    ['when the registration is written and nobody knows', ['GET .*/manifest.json', 'TransactWriteItems'], 'answered'],
    ['when the approval is written and not told', ['PutEvents', 'DynamoDB.*UpdateItem'], 'answered'],
    ['when the version is published and not recorded', [`POST ${FUNCTION}/versions`], 'answered'],
    ['before the alias moves', [`PUT ${FUNCTION}/aliases/live`], 'received'],
    ['when the alias has moved and nobody knows', [`PUT ${FUNCTION}/aliases/live`], 'answered'],
  ] as const)('goes on %s', async (_moment, after, when) => {
    await killFrozen(after, when);
    await expectSurvival();
  });

  it('goes on in a canary’s bake, and keeps every prediction and label that it acknowledged', async () => {
    const victim = launchVictim(plan({ driveTo: { canaryOf: MODEL } }));
    const { platform, clientConfig, close } = connect(await victim.reached('standing'));
    for (const i of numbers(60)) {
      const predictionId = `p${i}`;
      const answer = await platform.predict(MODEL, { predictionId, features: { x: i / 60, kind: 'b' } });
      expect(answer.status).toBe(200);
      const { probability, version } = answer.body as { probability: number; version: number };
      answered.set(predictionId, { probability, version });
    }
    const labels = numbers(20).map((i) => ({
      predictionId: `p${i}`,
      label: i % 2,
      knownAt: new Date(BENCH_START_MS + 14 * DAY_MS).toISOString(),
    }));
    await platform.sendLabels(MODEL, labels);
    for (const { predictionId, label } of labels) labelled.set(predictionId, label);
    captureFailed = await countCaptureFailures(clientConfig);
    await victim.kill();
    close();

    // Half of the traffic went to the canary.
    expect(new Set([...answered.values()].map(({ version }) => version))).toEqual(new Set([1, 2]));
    await expectSurvival();
  });

  it.each([
    ['when captures are delivered and nobody knows', ['PUT /[^/]+/capture/toy/'], 'answered'],
    ['when the promotion is written and nobody knows', ['TransactWriteItems'], 'answered'],
  ] as const)('goes on %s', async (_moment, after, when) => {
    await killFrozen(after, when);
    await expectSurvival();
  });

  it('trains on in containers that were lost with it', async () => {
    const victim = launchVictim(plan({ train: CONTAINERS }));
    const { clientConfig, close } = connect(await victim.reached('started'));
    const [batch, sagemaker] = [new BatchClient(clientConfig), new SageMakerClient(clientConfig)];
    const running = async (): Promise<boolean> => {
      const jobs = await batch.send(new ListJobsCommand({ jobQueue: 'millrace-local-gpu-spot', jobStatus: 'RUNNING' }));
      const { TrainingJobSummaries = [] } = await sagemaker.send(
        new ListTrainingJobsCommand({ StatusEquals: 'InProgress' }),
      );
      return jobs.jobSummaryList?.length === 1 && TrainingJobSummaries[0]?.SecondaryStatus === 'Training';
    };
    while (!(await running()));
    await victim.kill();
    for (const client of [batch, sagemaker]) client.destroy();
    close();

    await withSurvivor(async (survivor) => {
      await survivor.until('both models are in service', async () => {
        const rollouts = await Promise.all(CONTAINERS.map((name) => survivor.platform.rollouts(name)));
        return rollouts.every((some) => some.some(({ status }) => status === 'PROMOTED'));
      });
      for (const name of CONTAINERS) await expectOneVersionPerRun(survivor, name, 1);
    });
  });
});
