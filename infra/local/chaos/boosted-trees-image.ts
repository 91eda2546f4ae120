import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTrainingTable } from '../../../shared/adapters/duckdb/training-table.ts';
import { METRICS_FILE, MODEL_FILE, SIGNATURE_FILE } from '../../../shared/contracts/artifacts.ts';
import {
  type GradientBoostedTrees,
  signatureOf,
  type TrainingFeature,
  type TrainingTask,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../shared/core/training/index.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import type { LocalClock } from '../contracts.ts';
import type { LocalImage } from '../jobs/local-images.ts';

interface TrainingFiles {
  readonly given: Readonly<Record<string, string>>;
  readonly features: readonly TrainingFeature[];
  readonly table: Awaited<ReturnType<typeof readTrainingTable>>;
}

const readFiles = async (root: string): Promise<TrainingFiles> => {
  const channel = join(root, 'input', 'data', 'train');
  const config = join(root, 'input', 'config', 'hyperparameters.json');
  const given = JSON.parse(await readFile(config, 'utf8')) as TrainingFiles['given'];
  const features = JSON.parse(given.features ?? '[]') as TrainingFiles['features'];
  const [parquet] = (await readdir(channel)).filter((name) => name.endsWith('.parquet'));
  if (parquet === undefined) throw new Error('the channel train must hold a Parquet file');
  const names = features.map(({ name }) => name);
  return { given, features, table: await readTrainingTable(await readFile(join(channel, parquet)), names) };
};

const train = ({ given, features, table: { columns, labels } }: TrainingFiles): GradientBoostedTrees =>
  trainGradientBoostedTrees({
    task: given.task as TrainingTask,
    features,
    columns,
    label: labels,
    settings: {
      rounds: Number(given.rounds ?? given.max_rounds),
      maxLeaves: 5,
      learningRate: 0.2,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: given.rounds === undefined ? 5 : 0,
      seed: 1,
    },
  });

const writeFiles = async (root: string, model: GradientBoostedTrees): Promise<void> => {
  const trainingLoss = model.trainingLosses[model.bestRound - 1] ?? Number.NaN;
  const folder = join(root, 'model');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, MODEL_FILE), writeOnnx(model));
  await writeFile(join(folder, SIGNATURE_FILE), JSON.stringify(signatureOf(model)));
  await writeFile(join(folder, METRICS_FILE), JSON.stringify({ rounds: model.bestRound, trainingLoss }));
};

/** Virtual time that a training takes: long enough to be killed or to lose its instance in the middle. */
const TRAINING_MS = 2 * MINUTE_MS;

/**
 * Stands for a user's training image: reads the `/opt/ml` contract below its root, trains a few small trees, and leaves
 * model.onnx, signature.json and metrics.json.
 * @param native runs what works in threads of its own, so that its end has a place in the simulation's order.
 */
export const createBoostedTreesImage =
  (native: LocalClock['native']): LocalImage =>
  async ({ root, wait }) => {
    const files = await native('image reads', () => readFiles(root));
    await wait(TRAINING_MS);
    const model = train(files);
    await native('image writes', () => writeFiles(root, model));
    // A program that is killed while its files are on their way ends here, not later.
    await wait(1);
    return 0;
  };
