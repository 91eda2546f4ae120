import { describe, expect, it } from 'vitest';
import { defineModel, type ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';

const right: ModelDefinitionInput = {
  name: 'toy',
  owner: 'ann',
  task: 'binary-classification',
  data: { dataset: 'toys', source: { package: 'p', file: 'f.parquet' }, featuresSql: 'SELECT 1' },
  features: [{ name: 'x', type: 'number' }],
};

const refusal = (change: object): string => {
  try {
    defineModel({ ...right, ...change });
  } catch (error) {
    return (error as Error).message.replace('model definition "toy" is invalid: ', '');
  }
  return 'accepted';
};

describe('a model definition', () => {
  it('that passed is the same when it passes again', () => {
    const once = defineModel(right);

    expect(defineModel(once)).toEqual(once);
    expect(once.deployment.canarySteps).toEqual([0.1, 0.5, 1]);
  });

  it.each([
    [{ task: 'regresion' }, 'task must be one of "binary-classification" | "regression", got "regresion"'],
    [{ data: { dataset: 'toys' } }, 'data.source is missing; data.featuresSql is missing'],
    [{ trainer: { kind: 'xgboost' } }, 'trainer.kind must be one of "built-in" | "sagemaker" | "batch", got "xgboost"'],
    [{ trainer: { kind: 'built-in', rounds: 1.5 } }, 'trainer.rounds must be a whole number, got 1.5'],
    [
      { deployment: { bakeMinuts: 5 } },
      'deployment: unknown key "bakeMinuts"; allowed: target, memoryMb, canarySteps, bakeMinutes, maxErrorShareIncrease, judge, replay, shadow, router, routing',
    ],
    [
      { deployment: { canarySteps: [0.5, 0.4] } },
      'deployment.canarySteps must rise strictly and end in 1, got [0.5, 0.4]',
    ],
    [{ checks: [] }, 'checks must be an object, got []'],
    [{ checks: { minRows: '5' } }, 'checks.minRows must be a number, got "5"'],
    [{ evaluation: { minAuc: 70 } }, 'evaluation.minAuc must be at most 1, got 70'],
    [{ features: [] }, 'features must have a length of at least 1, got 0'],
    [
      { features: [{ name: 'label', type: 'number' }] },
      'features.0.name must not be one of row_key, event_at_ms, label, label_known_at_ms, got "label"',
    ],
    [{ features: [{ name: 'x', type: 'number', min: 2, max: 1 }] }, 'features.0 must have a min up to its max'],
    [
      { features: [{ name: 'x', type: 'category', min: 2 }] },
      'features.0 of type category must have no min and no max',
    ],
    [
      { checks: { minLabelShare: 0.9, maxLabelShare: 0.1 } },
      'checks must have a minLabelShare up to its maxLabelShare',
    ],
  ])('with %j is refused by name', (change, message) => {
    expect(refusal(change)).toBe(message);
  });

  it.each(['ownr', 'constructor'])('with the unknown field %s is refused with those that are allowed', (field) => {
    expect(refusal({ [field]: 'x' })).toMatch(`unknown key "${field}"; allowed: name, owner, description, task`);
  });
});
