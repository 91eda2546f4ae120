import type { TrainingSettings } from '../training/index.ts';
import { trainingCostUsd } from './training-cost.ts';

/** The built-in trainer's defaults: what stands in for an image, which only its own instances can run. */
export const PROXY_SETTINGS: TrainingSettings = {
  rounds: 200,
  maxLeaves: 31,
  learningRate: 0.1,
  minRowsPerLeaf: 20,
  l2: 1,
  earlyStoppingRounds: 20,
  seed: 1,
};

interface CostedDefinition {
  readonly data: { readonly maxRows: number };
  readonly features: readonly { readonly type: 'number' | 'category' }[];
  readonly trainer: { readonly kind: 'sagemaker' | 'batch' } | ({ readonly kind: 'built-in' } & TrainingSettings);
  readonly retraining: { readonly costPerRun?: number | undefined };
}

/** The built-in trainer's settings, or undefined for an image. */
export const settingsOf = ({ trainer }: Pick<CostedDefinition, 'trainer'>): TrainingSettings | undefined => {
  if (trainer.kind !== 'built-in') return undefined;
  const { kind: _, ...settings } = trainer;
  return settings;
};

/** Dollars of one training of a model, by its definition. @param rowCount those that it trains on, or the most it may */
export const costOfRun = (
  definition: CostedDefinition,
  rowCount: number = definition.data.maxRows,
): number | undefined =>
  trainingCostUsd({
    costPerRun: definition.retraining.costPerRun,
    settings: settingsOf(definition),
    rowCount,
    featureCount: definition.features.length,
    categoryFeatureCount: definition.features.filter(({ type }) => type === 'category').length,
  });
