import { AwsError } from '../../contracts.ts';
import { type Fields, readFields } from '../../protocols/fields.ts';
import { parseS3Uri } from '../s3-transfer.ts';
import type { MetricDefinition, TrainingChannel, TrainingJobRequest } from './records.ts';

const JOB_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const MAX_RUNTIME_SECONDS = 28 * 86_400;
const ML_ROOT = '/opt/ml/';

const readUri = (fields: Fields, name: string): string => {
  const uri = fields.requiredText(name);
  if (!parseS3Uri(uri)) throw fields.refuse(name, `must be an s3:// URI, got ${uri}`);
  return uri;
};

const readChannel = (fields: Fields): TrainingChannel => {
  const name = fields.requiredText('ChannelName');
  const contentType = fields.text('ContentType');
  fields.choice('CompressionType', ['None']);
  fields.choice('RecordWrapperType', ['None']);
  fields.choice('InputMode', ['File']);
  const s3Uri = fields.object('DataSource', (source) =>
    source.object('S3DataSource', (s3) => {
      s3.choice('S3DataType', ['S3Prefix']);
      s3.choice('S3DataDistributionType', ['FullyReplicated']);
      return readUri(s3, 'S3Uri');
    }),
  );
  if (s3Uri === undefined) throw fields.refuse('DataSource', 'must be an S3DataSource');
  return { name, s3Uri, ...(contentType === undefined ? {} : { contentType }) };
};

const readMetric = (fields: Fields): MetricDefinition => {
  const regex = fields.requiredText('Regex');
  try {
    new RegExp(regex);
  } catch (error) {
    throw fields.refuse('Regex', `is not valid: ${(error as Error).message}`);
  }
  return { name: fields.requiredText('Name'), regex };
};

const readAlgorithm = (fields: Fields) => {
  fields.choice('TrainingInputMode', ['File']);
  fields.ignore('a switch of a console that is not here', 'EnableSageMakerMetricsTimeSeries');
  const entrypoint = fields.texts('ContainerEntrypoint');
  return {
    image: fields.requiredText('TrainingImage'),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    arguments: fields.texts('ContainerArguments') ?? [],
    metricDefinitions: fields.list('MetricDefinitions', readMetric) ?? [],
  };
};

const readStopping = (fields: Fields): { readonly maxRuntimeSeconds: number; readonly maxWaitSeconds?: number } => {
  const bounds = { min: 1, max: MAX_RUNTIME_SECONDS };
  const maxWaitSeconds = fields.integer('MaxWaitTimeInSeconds', bounds);
  return {
    maxRuntimeSeconds: fields.integer('MaxRuntimeInSeconds', bounds) ?? 86_400,
    ...(maxWaitSeconds === undefined ? {} : { maxWaitSeconds }),
  };
};

const readCheckpoint = (fields: Fields): { readonly s3Uri: string; readonly localPath: string } => {
  const localPath = fields.text('LocalPath') ?? '/opt/ml/checkpoints';
  // No container, so no root of its own: only paths below /opt/ml can be given another place.
  if (!localPath.startsWith(ML_ROOT) || localPath.includes('..')) {
    throw fields.refuse('LocalPath', `must lie below ${ML_ROOT} here, got ${localPath}`);
  }
  return { s3Uri: readUri(fields, 'S3Uri'), localPath };
};

const required = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new AwsError('ValidationException', `${name} is required`);
  return value;
};

const checkSpot = (spot: boolean, { maxRuntimeSeconds, maxWaitSeconds }: ReturnType<typeof readStopping>): void => {
  if (!spot && maxWaitSeconds !== undefined) {
    throw new AwsError('ValidationException', 'MaxWaitTimeInSeconds is allowed with EnableManagedSpotTraining only');
  }
  if (spot && (maxWaitSeconds === undefined || maxWaitSeconds < maxRuntimeSeconds)) {
    const got = maxWaitSeconds ?? 'none';
    throw new AwsError(
      'ValidationException',
      `MaxWaitTimeInSeconds must be at least MaxRuntimeInSeconds (${maxRuntimeSeconds}), got ${got}`,
    );
  }
};

const readOutput = (fields: Fields) => {
  fields.ignore('the bucket encrypts what is written to it', 'KmsKeyId');
  const compressed = fields.choice('CompressionType', ['GZIP', 'NONE']) !== 'NONE';
  return { outputUri: readUri(fields, 'S3OutputPath'), compressed };
};

const readResources = (fields: Fields): string => {
  fields.ignore('the job uses the disk of this machine', 'VolumeSizeInGB', 'VolumeKmsKeyId');
  fields.integer('InstanceCount', { min: 1, max: 1 });
  return fields.requiredText('InstanceType');
};

const readAll = (fields: Fields) => {
  fields.ignore('no operation here reads tags back', 'Tags');
  fields.ignore(
    'there are no networks and no other hosts here',
    'VpcConfig',
    'EnableNetworkIsolation',
    'EnableInterContainerTrafficEncryption',
  );
  // A profiler that is switched off.
  fields.object('ProfilerConfig', (profiler) => profiler.choice('DisableProfiler', ['true'] as const));
  return {
    name: fields.requiredText('TrainingJobName'),
    roleArn: fields.requiredText('RoleArn'),
    output: fields.object('OutputDataConfig', readOutput),
    instanceType: fields.object('ResourceConfig', readResources),
    stopping: fields.object('StoppingCondition', readStopping),
    spot: fields.flag('EnableManagedSpotTraining') ?? false,
    checkpoint: fields.object('CheckpointConfig', readCheckpoint),
    algorithm: fields.object('AlgorithmSpecification', readAlgorithm),
    hyperParameters: fields.textMap('HyperParameters') ?? {},
    environment: fields.textMap('Environment') ?? {},
    channels: fields.list('InputDataConfig', readChannel) ?? [],
  };
};

/** Reads and checks a CreateTrainingJob; what is not supported is refused by name. @throws AwsError ValidationException */
export const readTrainingRequest = (input: Readonly<Record<string, unknown>>): TrainingJobRequest => {
  const { name, output, instanceType, stopping, checkpoint, algorithm, ...given } = readFields(input, {}, readAll);
  if (!JOB_NAME.test(name)) {
    throw new AwsError('ValidationException', `TrainingJobName must match ${JOB_NAME.source}, got ${name}`);
  }
  const limits = required(stopping, 'StoppingCondition');
  checkSpot(given.spot, limits);
  return {
    ...given,
    name,
    ...required(algorithm, 'AlgorithmSpecification'),
    ...required(output, 'OutputDataConfig'),
    instanceType: required(instanceType, 'ResourceConfig'),
    ...limits,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
};
