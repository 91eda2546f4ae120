import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RolloutFact } from '../../infra/local/story/platform.ts';
import { DAY_MS, HOUR_MS, isoTime } from '../../shared/kernel/time.ts';
import { connect, countCaptureFailures, pinnedVersions, readCaptures } from '../helpers/kill-evidence.ts';
import { beginLife, type Life } from '../helpers/kill-life.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/**
 * One training and its rollout, through which the cloud is killed again and again, always a bit later in its life. What
 * a kill left goes on at least to the place of the next one; after some kills a copy of it is brought up, checked and
 * brought to the end. Say `SURVIVORS=all` for a copy after each: it takes twice as long.
 */
const EVERY_COPY = process.env.SURVIVORS === 'all';

const MODEL = 'toy';
// What is asked here is what a kill breaks, not which of two equal models is better on three days.
const DEFINITION = benchDefinition({
  evaluation: { holdoutDays: 3, margin: 0.2 },
  deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 },
});

let assemblyFolder: string;
let life: Life;
/** The states of the first training, which nobody disturbed. */
let undisturbed: readonly string[];

/** What was acknowledged before a kill, by prediction id. */
const answered = new Map<string, { readonly probability: number; readonly version: number }>();
const labelled = new Map<string, number>();
/** Predictions that the function itself counted as not captured. */
let captureFailed = 0;

beforeAll(async () => {
  assemblyFolder = await assemble([DEFINITION]);
  life = beginLife(assemblyFolder);
  const cloud = await startTestCloud({ assemblyFolder, stateFolder: life.stateFolder });
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
  life?.end();
  rmSync(join(assemblyFolder, '..'), { recursive: true, force: true });
});

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);
const lambdaVersionOf = (rollout: RolloutFact | undefined): string | undefined =>
  (rollout as { readonly lambdaVersion?: string } | undefined)?.lambdaVersion;

/** Holds at any time: numbers without gaps, no run with two versions, and traffic where the registry says. */
const expectSane = async ({ platform, observer }: TestCloud): Promise<void> => {
  const weights = await observer.liveWeights(MODEL);
  const [versions, rollouts] = [await platform.versions(MODEL), await platform.rollouts(MODEL)];
  const champion = rollouts.findLast(({ status }) => status === 'PROMOTED');
  const running = rollouts.find(({ status }) => status === 'RUNNING');

  expect(versions.map(({ version }) => version)).toEqual(numbers(versions.length));
  expect(new Set(versions.map(({ runId }) => runId)).size).toBe(versions.length);
  expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  for (const lambdaVersion of Object.keys(weights)) {
    expect([lambdaVersionOf(champion), lambdaVersionOf(running)]).toContain(lambdaVersion);
  }
};

/** Every acknowledged prediction and label lies in the bucket once, as it was acknowledged, and nothing else. */
const expectNothingLost = async ({ observer }: TestCloud): Promise<void> => {
  const { predictions, labels } = await readCaptures(observer, MODEL);
  const captured = new Set(predictions.map(({ predictionId }) => predictionId));

  expect(predictions).toHaveLength(captured.size);
  for (const { predictionId, output, version } of predictions) {
    expect({ probability: output, version }).toEqual(answered.get(predictionId));
  }
  expect([...answered.keys()].filter((id) => !captured.has(id)).length).toBeLessThanOrEqual(captureFailed);
  expect(labels).toHaveLength(labelled.size);
  expect(new Map(labels.map(({ predictionId, label }) => [predictionId, label]))).toEqual(labelled);
};

const expectTwoWholeVersions = async ({ platform, observer }: TestCloud): Promise<void> => {
  const [versions, runs] = [await platform.versions(MODEL), await platform.runs(MODEL)];

  expect(runs.map(({ status, version }) => [status, version])).toEqual([
    ['FINISHED', 1],
    ['FINISHED', 2],
  ]);
  expect(versions.map(({ status, runId }) => [status, runId])).toEqual(runs.map(({ runId }) => ['APPROVED', runId]));
  for (const { artifactPrefix } of versions) {
    const bytes = await observer.readArtifact(`${artifactPrefix}model.onnx`);
    expect(artifactPrefix).toContain(createHash('sha256').update(bytes).digest('hex'));
  }
};

/** Brings the copy to the end of the training and its rollout; then everything is as if nothing had happened. */
const expectTheEnd = async (survivor: TestCloud): Promise<void> => {
  const { platform, observer, clientConfig } = survivor;
  await survivor.until('the second version is in service', async () => {
    if ((await platform.rollouts(MODEL)).length < 2) return false;
    return (await observer.executions()).every(({ status }) => status !== 'RUNNING');
  });
  const executions = await observer.executions(/^(train-toy|canary-rollout)$/);
  const training = executions.findLast(({ workflow }) => workflow === 'train-toy');
  const rollouts = await platform.rollouts(MODEL);

  expect(executions.map(({ workflow, status }) => [workflow, status])).toEqual([
    ['train-toy', 'SUCCEEDED'],
    ['canary-rollout', 'SUCCEEDED'],
    ['train-toy', 'SUCCEEDED'],
    ['canary-rollout', 'SUCCEEDED'],
  ]);
  expect((await observer.enteredStates(training?.arn ?? '')).map(({ name }) => name)).toEqual(undisturbed);
  expect(rollouts.map(({ version, status, weights }) => ({ version, status, weights }))).toEqual([
    { version: 1, status: 'PROMOTED', weights: [0.5, 1] },
    { version: 2, status: 'PROMOTED', weights: [0.5, 1] },
  ]);
  expect(await observer.liveWeights(MODEL)).toEqual({ [lambdaVersionOf(rollouts[1]) ?? '']: 1 });
  expect(await pinnedVersions(clientConfig, MODEL)).toEqual(['1', '2']);
  expect(await platform.predict(MODEL, { features: { x: 0.9, kind: 'a' } })).toMatchObject({
    status: 200,
    body: { version: 2, probability: expect.closeTo(0.9, 0) },
  });
};

const expectSurvival = () =>
  life.withSurvivor(async (survivor) => {
    await expectSane(survivor);
    await expectTheEnd(survivor);
    await expectTwoWholeVersions(survivor);
    await expectNothingLost(survivor);
  });

/** Of a kill whose traces the next copy that is looked at bears too. */
const expectLater = async (): Promise<void> => {
  if (EVERY_COPY) await expectSurvival();
};

const FUNCTION = '/2015-03-31/functions/millrace-local-infer-toy';

describe('a cloud that is killed', { timeout: 60_000 }, () => {
  it('goes on when the request to train was answered and nothing had begun', async () => {
    await life.killFrozen({ after: ['POST .*/models/toy/train'], when: 'answered' }, [MODEL]);
    await expectLater();
  });

  it('goes on while a model is trained', async () => {
    await life.withVictim({}, async (victim) => {
      const { observer, close } = connect(await victim.reached('started'));
      const training = async () => (await observer.executions(/^train-toy$/))[1]?.arn;
      let arn = await training();
      while (arn === undefined) arn = await training();
      let newest = '';
      while (newest !== 'Train') {
        newest = (await observer.enteredStates(arn)).at(-1)?.name ?? '';
        if (newest === 'Profile model') throw new Error('the training ended before it was seen');
      }
      close();
    });

    await expectLater();
  });

  it.each([
    ['before the registration is written', ['GET .*/manifest.json', 'TransactWriteItems'], 'received', expectLater],
    [
      'when the registration is written and nobody knows',
      ['GET .*/manifest.json', 'TransactWriteItems'],
      'answered',
      expectSurvival,
    ],
    ['when the approval is written and not told', ['PutEvents', 'DynamoDB.*UpdateItem'], 'answered', expectLater],
    ['when the version is published and not recorded', [`POST ${FUNCTION}/versions`], 'answered', expectLater],
    ['before the alias moves', [`PUT ${FUNCTION}/aliases/live`], 'received', expectLater],
    ['when the alias has moved and nobody knows', [`PUT ${FUNCTION}/aliases/live`], 'answered', expectSurvival],
  ] as const)('goes on %s', async (_moment, after, when, expectIt) => {
    await life.killFrozen({ after, when });
    await expectIt();
  });

  it('goes on in a canary’s bake, and keeps every prediction and label that it acknowledged', async () => {
    await life.withVictim({ driveTo: { canaryOf: MODEL } }, async (victim) => {
      const { platform, clientConfig, close } = connect(await victim.reached('standing'));
      for (const i of numbers(60)) {
        const predictionId = `p${i}`;
        const { status, body } = await platform.predict(MODEL, { predictionId, features: { x: i / 60, kind: 'b' } });
        expect(status).toBe(200);
        const { probability, version } = body as { readonly probability: number; readonly version: number };
        // The answer has the fewest digits that name the model's float32; the capture has the float32 itself.
        answered.set(predictionId, { probability: Math.fround(probability), version });
      }
      const knownAt = isoTime(BENCH_START_MS + 14 * DAY_MS);
      const labels = numbers(20).map((i) => ({ predictionId: `p${i}`, label: i % 2, knownAt }));
      await platform.sendLabels(MODEL, labels);
      for (const { predictionId, label } of labels) labelled.set(predictionId, label);
      captureFailed = await countCaptureFailures(clientConfig, MODEL);
      close();
    });

    // Half of the traffic went to the canary.
    expect(new Set([...answered.values()].map(({ version }) => version))).toEqual(new Set([1, 2]));
    await expectSurvival();
  });

  it.each([
    ['when captures are delivered and nobody knows', ['PUT /[^/]+/capture/toy/'], 'answered', expectLater],
    ['when the promotion is written and nobody knows', ['TransactWriteItems'], 'answered', expectSurvival],
  ] as const)('goes on %s', async (_moment, after, when, expectIt) => {
    await life.killFrozen({ after, when });
    await expectIt();
  });
});
