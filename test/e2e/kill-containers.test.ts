import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, openJobs } from '../helpers/kill-evidence.ts';
import { beginLife, type Life } from '../helpers/kill-life.ts';
import { assemble, startTestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** Containers that train are lost when the cloud is killed; the executions that wait for them are not. */

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trees@sha256:${'b'.repeat(64)}`;
const PROGRAM = join(import.meta.dirname, '../helpers/images/boosted-trees.ts');
const LOCAL_IMAGES = { [IMAGE]: [process.execPath, PROGRAM] };
const MODELS = ['in-batch', 'in-sagemaker'];

const container = { image: IMAGE, spot: true, hyperparameters: { max_rounds: '20' } };
const common = {
  evaluation: { holdoutDays: 3, margin: 0.2 },
  deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 },
};
const DEFINITIONS = [
  benchDefinition({ ...common, name: 'in-batch', trainer: { kind: 'batch', ...container } }),
  benchDefinition({
    ...common,
    name: 'in-sagemaker',
    trainer: { kind: 'sagemaker', instanceType: 'ml.g5.xlarge', ...container },
  }),
];

let assemblyFolder: string;
let life: Life;

beforeAll(async () => {
  assemblyFolder = await assemble(DEFINITIONS);
  life = beginLife(assemblyFolder, LOCAL_IMAGES);
  const cloud = await startTestCloud({ assemblyFolder, stateFolder: life.stateFolder, localImages: LOCAL_IMAGES });
  await cloud.loadToyDays(0, 14);
  await cloud.stop();
});

afterAll(() => {
  life?.end();
  rmSync(join(assemblyFolder, '..'), { recursive: true, force: true });
});

/** All trainings end with a version each, after one job for the candidate and one for the refit. */
const expectOneJobPerPhase = (trainings: { readonly batch: number; readonly sagemaker: number }) =>
  life.withSurvivor(async ({ until, observer, platform, clientConfig }) => {
    await until('the trainings ended', async () => {
      const executions = await observer.executions(/^train-in-/);
      const count = trainings.batch + trainings.sagemaker;
      return executions.length === count && executions.every(({ status }) => status !== 'RUNNING');
    });
    const jobs = openJobs(clientConfig);
    const counts = await jobs.counts();
    jobs.close();

    for (const [model, count] of [
      ['in-batch', trainings.batch],
      ['in-sagemaker', trainings.sagemaker],
    ] as const) {
      const runs = await platform.runs(model);
      const versions = await platform.versions(model);
      expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 'FINISHED'));
      expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect(versions.map(({ runId }) => runId).toSorted()).toEqual(runs.map(({ runId }) => runId).toSorted());
    }
    expect(counts).toEqual({ batch: trainings.batch * 2, sagemaker: trainings.sagemaker * 2 });
  });

/** A kill when a model's new training has had its first job accepted, and before anybody hears of it. */
const killOnceAccepted = (model: string, accepting: string): Promise<void> => {
  const freeze = { after: [`/models/${model}/train`, accepting], when: 'answered' } as const;
  return life.withVictim({ train: [model], endFirst: true, freeze }, (victim) => victim.reached('frozen'));
};

describe('a cloud that is killed while containers train', { timeout: 120_000 }, () => {
  it('starts spot jobs again', async () => {
    await life.withVictim({ train: MODELS }, async (victim) => {
      const { clientConfig, close } = connect(await victim.reached('started'));
      const jobs = openJobs(clientConfig);
      while (!(await jobs.bothRun()));
      jobs.close();
      close();
    });

    await expectOneJobPerPhase({ batch: 1, sagemaker: 1 });
  });

  it('finds a Batch job that was accepted when nobody knew it yet', async () => {
    await killOnceAccepted('in-batch', 'POST /v1/submitjob');
    await expectOneJobPerPhase({ batch: 2, sagemaker: 1 });
  });

  it('finds a SageMaker job that was accepted when nobody knew it yet', async () => {
    await killOnceAccepted('in-sagemaker', 'SageMaker.CreateTrainingJob');
    await expectOneJobPerPhase({ batch: 2, sagemaker: 2 });
  });
});
