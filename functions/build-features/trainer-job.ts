import type { ModelDefinition, TrainerDefinition } from '../../shared/contracts/model-definition.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';

/**
 * What the state `Train` needs to know of the definition. It travels with the execution, so that a definition changed
 * while a run is under way does not change the run.
 */
export type TrainerJob =
  | { readonly kind: 'built-in' }
  | ({
      readonly kind: 'sagemaker';
      readonly image: string;
      readonly instanceType: string;
      readonly instanceCount: number;
      readonly volumeSizeGb: number;
      readonly spot: boolean;
      readonly stoppingCondition: { readonly MaxRuntimeInSeconds: number; readonly MaxWaitTimeInSeconds?: number };
      readonly metricDefinitions: readonly { readonly Name: string; readonly Regex: string }[];
    } & ContainerJob)
  | ({ readonly kind: 'batch'; readonly maxRuntimeSeconds: number } & ContainerJob);

interface ContainerJob {
  /** How long the workflow waits, queues included. */
  readonly timeoutSeconds: number;
  readonly hyperparameters: Readonly<Record<string, string>>;
}

/** A spot job may wait this much longer than it may run. */
const SPOT_WAIT_FACTOR = 2;
/** Start of an instance, pull of an image, a busy queue. */
const QUEUE_SECONDS = 3_600;
/** SageMaker's limit of one value. */
const LONGEST_HYPERPARAMETER = 2_500;
/** Attempts of the Batch job definition of a spot trainer. */
const SPOT_ATTEMPTS = 3;

const RESERVED = ['features', 'task', 'label', 'rounds', 'phase'] as const;

const hyperparametersOf = (
  { features, task }: ModelDefinition,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const reserved = RESERVED.filter((name) => Object.hasOwn(own, name));
  if (reserved.length > 0) {
    throw new InvalidRequestError(`hyperparameters ${reserved.join(', ')} are set by the platform, choose other names`);
  }
  const list = JSON.stringify(features.map(({ name, type }) => ({ name, type })));
  const hyperparameters = { ...own, features: list, task, label: 'label' };
  for (const [name, value] of Object.entries(hyperparameters)) {
    if (value.length > LONGEST_HYPERPARAMETER) {
      throw new InvalidRequestError(
        `hyperparameter ${name} has ${value.length} characters, a job takes at most ${LONGEST_HYPERPARAMETER}`,
      );
    }
  }
  return hyperparameters;
};

const sageMakerJob = (
  definition: ModelDefinition,
  trainer: Extract<TrainerDefinition, { kind: 'sagemaker' }>,
): TrainerJob => {
  const { image, instanceType, instanceCount, volumeSizeGb, spot } = trainer;
  const runSeconds = trainer.maxRuntimeMinutes * 60;
  const waitSeconds = spot ? runSeconds * SPOT_WAIT_FACTOR : runSeconds;
  return {
    kind: 'sagemaker',
    image,
    instanceType,
    instanceCount,
    volumeSizeGb,
    spot,
    stoppingCondition: { MaxRuntimeInSeconds: runSeconds, ...(spot ? { MaxWaitTimeInSeconds: waitSeconds } : {}) },
    metricDefinitions: trainer.metricDefinitions.map(({ name, regex }) => ({ Name: name, Regex: regex })),
    timeoutSeconds: waitSeconds + QUEUE_SECONDS,
    hyperparameters: hyperparametersOf(definition, trainer.hyperparameters),
  };
};

const batchJob = (definition: ModelDefinition, trainer: Extract<TrainerDefinition, { kind: 'batch' }>): TrainerJob => {
  const maxRuntimeSeconds = trainer.maxRuntimeMinutes * 60;
  return {
    kind: 'batch',
    maxRuntimeSeconds,
    timeoutSeconds: maxRuntimeSeconds * (trainer.spot ? SPOT_ATTEMPTS : 1) + QUEUE_SECONDS,
    hyperparameters: hyperparametersOf(definition, trainer.hyperparameters),
  };
};

/** @throws InvalidRequestError when the definition's hyperparameters do not fit a job. */
export const trainerJobOf = (definition: ModelDefinition): TrainerJob => {
  const { trainer } = definition;
  switch (trainer.kind) {
    case 'built-in':
      return { kind: 'built-in' };
    case 'sagemaker':
      return sageMakerJob(definition, trainer);
    case 'batch':
      return batchJob(definition, trainer);
  }
};
