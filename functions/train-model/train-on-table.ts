import {
  coversOf,
  estimateTraining,
  type ModelSignature,
  signatureOf,
  type TrainingFeature,
  type TrainingSettings,
  type TrainingTask,
  trainGradientBoostedTrees,
  trainingRefusal,
  writeOnnx,
} from '../../shared/core/training/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';

/** What one invocation may use. */
export interface LambdaLimits {
  readonly memoryMb: number;
  readonly seconds: number;
}

const ROUNDS_PER_LOG_LINE = 10;

export interface TrainedModel {
  readonly onnx: Uint8Array;
  readonly signature: ModelSignature;
  readonly metrics: Readonly<Record<string, number>>;
  /** Training rows by node of the graph's trees: what its predictions are explained by. */
  readonly covers: readonly number[];
}

/**
 * Trains, with a log line of progress every ten rounds.
 * @throws InvalidRequestError, before anything is trained, when the estimate does not fit the function.
 */
export const trainOnTable = (
  table: TrainingTable,
  {
    task,
    features,
    settings,
    limits,
    log,
  }: {
    readonly task: TrainingTask;
    readonly features: readonly TrainingFeature[];
    readonly settings: TrainingSettings;
    readonly limits: LambdaLimits;
    readonly log: Readonly<Record<string, string>>;
  },
): TrainedModel => {
  const estimate = estimateTraining({
    rowCount: table.rowCount,
    featureCount: features.length,
    categoryFeatureCount: features.filter(({ type }) => type === 'category').length,
    settings,
  });
  const refusal = trainingRefusal(estimate, { memoryLimitMb: limits.memoryMb, timeLimitSeconds: limits.seconds });
  if (refusal !== undefined) throw new InvalidRequestError(refusal);
  logLine('info', 'training starts', { ...log, ...estimate, rowCount: table.rowCount });
  const model = trainGradientBoostedTrees({
    task,
    features: features.map(({ name, type, nullable }) => ({ name, type, nullable })),
    columns: table.columns,
    label: table.labels,
    settings,
    onProgress: (round, trainingLoss, validationLoss) => {
      if (round % ROUNDS_PER_LOG_LINE === 0) {
        logLine('info', 'training', { ...log, round, rounds: settings.rounds, trainingLoss, validationLoss });
      }
    },
  });
  const { bestRound, trainingLosses, validationLosses } = model;
  const trainingLoss = trainingLosses[bestRound - 1];
  const validationLoss = validationLosses[bestRound - 1];
  return {
    onnx: writeOnnx(model),
    signature: signatureOf(model),
    covers: coversOf(model),
    metrics: {
      rounds: bestRound,
      rowCount: table.rowCount,
      featureCount: features.length,
      ...(trainingLoss === undefined ? {} : { trainingLoss }),
      ...(validationLoss === undefined ? {} : { validationLoss }),
    },
  };
};
