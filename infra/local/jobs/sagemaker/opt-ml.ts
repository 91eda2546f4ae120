import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TrainingJobRequest } from './records.ts';

/** The folder that a training container finds at /opt/ml. */
export interface MlRoot {
  readonly path: string;
  readonly model: string;
  readonly outputData: string;
  readonly failureFile: string;
  channel(name: string): string;
}

export const mlRoot = (path: string): MlRoot => ({
  path,
  model: join(path, 'model'),
  outputData: join(path, 'output', 'data'),
  failureFile: join(path, 'output', 'failure'),
  channel: (name) => join(path, 'input', 'data', name),
});

/** A path below /opt/ml, where it lies here. */
export const movedPath = (root: MlRoot, containerPath: string): string =>
  join(root.path, containerPath.replace(/^\/opt\/ml\/?/, ''));

const HOST = 'algo-1';

const writeConfig = (root: MlRoot, name: string, value: unknown): Promise<void> =>
  writeFile(join(root.path, 'input', 'config', name), JSON.stringify(value, null, 2));

/** Makes the folders and the configuration files. */
export const prepareMlRoot = async (root: MlRoot, request: TrainingJobRequest): Promise<void> => {
  const folders = [root.model, root.outputData, join(root.path, 'input', 'config')];
  if (request.checkpoint) folders.push(movedPath(root, request.checkpoint.localPath));
  for (const folder of [...folders, ...request.channels.map(({ name }) => root.channel(name))]) {
    await mkdir(folder, { recursive: true });
  }
  await writeConfig(root, 'hyperparameters.json', request.hyperParameters);
  const channels = request.channels.map(({ name, contentType }) => [
    name,
    {
      TrainingInputMode: 'File',
      S3DistributionType: 'FullyReplicated',
      RecordWrapperType: 'None',
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    },
  ]);
  await writeConfig(root, 'inputdataconfig.json', Object.fromEntries(channels));
  await writeConfig(root, 'resourceconfig.json', {
    current_host: HOST,
    current_instance_type: request.instanceType,
    current_group_name: 'homogeneousCluster',
    hosts: [HOST],
    instance_groups: [
      { instance_group_name: 'homogeneousCluster', instance_type: request.instanceType, hosts: [HOST] },
    ],
    network_interface_name: 'lo',
  });
};

/** Variables of the SageMaker training toolkit, and where /opt/ml lies. */
export const trainingVariables = (
  root: MlRoot,
  request: TrainingJobRequest,
  arn: string,
): Readonly<Record<string, string>> => {
  const channels = request.channels.map(({ name }) => [`SM_CHANNEL_${name.toUpperCase()}`, root.channel(name)]);
  const parameters = Object.entries(request.hyperParameters).map(([name, value]) => [
    `SM_HP_${name.toUpperCase()}`,
    value,
  ]);
  return {
    ...Object.fromEntries([...channels, ...parameters]),
    TRAINING_JOB_NAME: request.name,
    TRAINING_JOB_ARN: arn,
    SM_MODEL_DIR: root.model,
    SM_OUTPUT_DATA_DIR: root.outputData,
    SM_INPUT_DIR: join(root.path, 'input'),
    SM_INPUT_CONFIG_DIR: join(root.path, 'input', 'config'),
    SM_CHANNELS: JSON.stringify(request.channels.map(({ name }) => name)),
    SM_HPS: JSON.stringify(request.hyperParameters),
    SM_HOSTS: JSON.stringify([HOST]),
    SM_CURRENT_HOST: HOST,
    SM_NUM_CPUS: String(availableParallelism()),
    SM_NUM_GPUS: '0',
    ...request.environment,
    // On AWS a container has a root of its own; a process has not, so the prefix /opt/ml moves and this says where to.
    MILLRACE_ML_ROOT: root.path,
  };
};

/** What the program wrote about its failure, at most what AWS shows. */
export const readFailure = async (root: MlRoot): Promise<string | undefined> => {
  try {
    return (await readFile(root.failureFile, 'utf8')).slice(0, 1_024).trim();
  } catch {
    return undefined;
  }
};
