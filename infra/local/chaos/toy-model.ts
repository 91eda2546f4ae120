import {
  defineModel,
  type ModelDefinition,
  type ModelDefinitionInput,
} from '../../../shared/contracts/model-definition.ts';

/**
 * The models of a chaos run: a label that hangs on a number and a category, learnt from a few hundred made-up rows in
 * a blink. What differs is how each is trained, approved and started.
 */

/** The image that stands for a user's trainer; `boosted-trees-image.ts` is what runs. */
export const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/chaos@sha256:${'c'.repeat(64)}`;

export const toyModel = (name: string, change: Partial<ModelDefinitionInput> = {}): ModelDefinition =>
  defineModel({
    name,
    owner: 'chaos',
    task: 'binary-classification',
    data: {
      dataset: name,
      source: { package: 'none', file: 'none.parquet' },
      featuresSql:
        'SELECT id AS row_key, at_ms AS event_at_ms, x, kind, late::DOUBLE AS label, known_at_ms AS label_known_at_ms FROM dataset',
    },
    features: [
      { name: 'x', type: 'number', min: 0, max: 1 },
      { name: 'kind', type: 'category' },
    ],
    checks: { minRows: 200 },
    trainer: { kind: 'built-in', rounds: 20, maxLeaves: 5 },
    evaluation: { holdoutDays: 1, margin: 0.05 },
    deployment: { canarySteps: [0.5, 1], bakeMinutes: 30 },
    monitors: { windowDays: 1, minRows: 30, alarmAfterChecks: 1 },
    retraining: { coolDownDays: 0.55 },
    ...change,
  });
