import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTrainingTable } from '../../../shared/adapters/duckdb/training-table.ts';
import { METRICS_FILE, MODEL_FILE, SIGNATURE_FILE } from '../../../shared/contracts/artifacts.ts';
import {
  signatureOf,
  type TrainingFeature,
  type TrainingTask,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../shared/core/training/index.ts';

/**
 * Stands for a user's training image: reads the `/opt/ml` contract, trains a few small trees, and leaves model.onnx,
 * signature.json and metrics.json. The hyperparameter `fail` makes it end as a program that cannot train.
 */

const root = process.env.MILLRACE_ML_ROOT ?? '/opt/ml';
const channel = join(root, 'input', 'data', 'train');
const config = join(root, 'input', 'config', 'hyperparameters.json');

const given = JSON.parse(await readFile(config, 'utf8')) as Readonly<Record<string, string>>;
const features = JSON.parse(given.features ?? '[]') as readonly TrainingFeature[];
const [parquet, ...more] = (await readdir(channel)).filter((name) => name.endsWith('.parquet'));
if (parquet === undefined || more.length > 0) throw new Error('the channel train must hold exactly one Parquet file');

console.log(`phase=${given.phase} features=${features.map(({ name }) => name).join(',')} file=${parquet}`);
if (given.fail !== undefined) {
  await writeFile(join(root, 'output', 'failure'), given.fail);
  console.error(given.fail);
  process.exit(1);
}

const { columns, labels, rowCount } = await readTrainingTable(
  await readFile(join(channel, parquet)),
  features.map(({ name }) => name),
);
const model = trainGradientBoostedTrees({
  task: given.task as TrainingTask,
  features,
  columns,
  label: labels,
  settings: {
    rounds: Number(given.rounds ?? given.max_rounds),
    maxLeaves: 7,
    learningRate: 0.2,
    minRowsPerLeaf: 20,
    l2: 1,
    earlyStoppingRounds: given.rounds === undefined ? 5 : 0,
    seed: 1,
  },
  onProgress: (round, trainingLoss) => console.log(`round=${round} loss=${trainingLoss}`),
});
const trainingLoss = model.trainingLosses[model.bestRound - 1] ?? Number.NaN;
console.log(`done rounds=${model.bestRound} final_loss=${trainingLoss}`);

const folder = join(root, 'model');
await writeFile(join(folder, MODEL_FILE), writeOnnx(model));
await writeFile(join(folder, SIGNATURE_FILE), JSON.stringify(signatureOf(model)));
await writeFile(join(folder, METRICS_FILE), JSON.stringify({ rounds: model.bestRound, rowCount, trainingLoss }));
