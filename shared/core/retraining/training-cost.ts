import { estimateTraining, type TrainingSettings } from '../training/index.ts';

/** AWS price list of 2025-06-30, us-east-1, arm64, on demand. */
export const LAMBDA_USD_PER_GB_SECOND = 0.0000133334;

/** Candidate and refit. */
const TRAININGS = 2;
/** The trainer's function: the most memory there is. */
const TRAINING_GB = 10;
/** How much slower than the measured core a function's may be: what `trainingRefusal` reckons with. */
const SLOWER_CORE = 2;
/** Features, evaluation and profile: three functions of 4 GB, a minute each. */
const OTHER_GB_SECONDS = 3 * 60 * 4;

export interface CostedTraining {
  /** Declared; goes before any estimate. */
  readonly costPerRun?: number | undefined;
  /** Undefined for an image, whose time nobody knows before. */
  readonly settings?: Pick<TrainingSettings, 'rounds' | 'maxLeaves'> | undefined;
  readonly rowCount: number;
  readonly featureCount: number;
  readonly categoryFeatureCount: number;
}

/**
 * Dollars of one run of the training pipeline: as declared, or by the built-in trainer's estimated time at Lambda's price.
 * Undefined for an image whose cost is not declared.
 */
export const trainingCostUsd = ({ costPerRun, settings, ...table }: CostedTraining): number | undefined => {
  if (costPerRun !== undefined) return costPerRun;
  if (settings === undefined) return undefined;
  const { seconds } = estimateTraining({ ...table, settings });
  const gigabyteSeconds = TRAININGS * seconds * SLOWER_CORE * TRAINING_GB + OTHER_GB_SECONDS;
  return gigabyteSeconds * LAMBDA_USD_PER_GB_SECOND;
};

/** Dollars of trainings of so many seconds on the measured core, in the function that estimates. */
export const estimationCostUsd = (seconds: number): number =>
  seconds * SLOWER_CORE * TRAINING_GB * LAMBDA_USD_PER_GB_SECOND;
