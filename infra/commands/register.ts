import { readFile, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { LARGEST_MODEL_BYTES } from '../../shared/core/packaging/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { loadModels } from '../aws/models.ts';
import { carryOut, readOptions } from './command-line.ts';
import { openUploadStage } from './open-upload-stage.ts';
import { STAGE_OPTIONS, withStage } from './stage-access.ts';
import { inspectUpload, uploadModel } from './upload-model.ts';

const USAGE = `millrace register --model NAME --file MODEL.onnx --stage STAGE
  [--attempt N] [--profile P] [--region R] [--endpoint URL]

Brings a model that was trained elsewhere into a stage, as the next version of a model that is defined there. The file
is inspected here, then checked, run on a few rows, judged on the newest holdout by the definition's quality gate,
profiled and registered there; the stage's approval rules decide what follows. Its inputs must be the definition's
features: FLOAT or STRING tensors of shape [rows, 1]; its one output FLOAT of the same shape. The same file is taken in
once; --attempt 2 tries again after a failure. Credentials and region come from the environment, or from a profile.`;

const text = { type: 'string' } as const;
const values = readOptions(
  {
    model: text,
    file: text,
    ...STAGE_OPTIONS,
    stage: text,
    attempt: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const required = (name: 'model' | 'file' | 'stage'): string => {
  const value = values[name];
  if (value === undefined) throw new InvalidRequestError(`--${name} is required`);
  return value;
};

const readModelFile = async (file: string): Promise<Uint8Array> => {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new NotFoundError(`there is no file ${file}`);
  if (found.size <= LARGEST_MODEL_BYTES) return readFile(file);
  throw new InvalidRequestError(`${file} has ${found.size} bytes, at most ${LARGEST_MODEL_BYTES} can be served`);
};

const main = async (): Promise<void> => {
  const [model, file, stageName] = [required('model'), required('file'), required('stage')];
  const attempt = Number(values.attempt);
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new InvalidRequestError(`--attempt must be a whole number from 1, got ${values.attempt}`);
  }
  const definitions = await loadModels();
  const definition = definitions.find(({ name }) => name === model);
  if (definition === undefined) {
    const names = definitions.map(({ name }) => name).join(', ');
    throw new NotFoundError(`no folder of models/ defines ${model}; defined: ${names}`);
  }
  const bytes = await readModelFile(file);
  console.log(inspectUpload(definition, bytes));
  const tell = (progress: string): void => console.log(progress);
  const wait = async (ms: number): Promise<void> => setTimeout(ms);
  await withStage({ ...values, stage: stageName }, openUploadStage, async (stage) => {
    const { passed, outcome, version } = await uploadModel({ model, bytes, attempt, tell }, { ...stage, wait });
    console.log(`${passed ? `${model}@${version} is registered` : 'the model is refused'}: ${outcome}`);
    if (!passed) process.exitCode = 1;
  });
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
