import { describe, expect, it } from 'vitest';
import { defineModel, type ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';

const IMAGE = `repository/trainer@sha256:${'a'.repeat(64)}`;
const define = (retraining: object, more: Partial<ModelDefinitionInput> = {}) =>
  defineModel({
    name: 'toy',
    owner: 'a-team',
    task: 'binary-classification',
    data: { dataset: 'toys', source: { package: 'p', file: 'f' }, featuresSql: 'SELECT 1' },
    features: [{ name: 'x', type: 'number' }],
    retraining,
    ...more,
  }).retraining;

describe('retraining', () => {
  it('has its defaults: on drift, weighed, without value, budget and limit of age', () => {
    expect(define({})).toEqual({
      onDrift: true,
      onQuality: false,
      onNewData: false,
      coolDownDays: 14,
      worth: { mode: 'decide', horizonDays: 28, maxRows: 60_000 },
    });
  });

  it.each([
    ['a misspelt field', { onDrifts: true }, {}, /unknown key "onDrifts"; allowed: schedule, onDrift/],
    ['a budget of nothing', { budgetPerMonth: 0 }, {}, /budgetPerMonth/],
    ['an age below a day', { maxAgeDays: 0.5 }, {}, /maxAgeDays/],
    ['two values', { worth: { usdPerLoss: 1, usdPerCost: 1 } }, {}, /both usdPerLoss and usdPerCost/],
    ['the value of costs that are not declared', { worth: { usdPerCost: 1 } }, {}, /needs evaluation\.costs/],
    [
      'a budget for an image whose cost nobody knows',
      { budgetPerMonth: 5 },
      { trainer: { kind: 'batch', image: IMAGE } as const },
      /costPerRun is missing: what a run of a batch trainer costs is not known/,
    ],
  ])('refuses %s', (_what, retraining, more, message) => {
    expect(() => define(retraining, more)).toThrow(message);
  });

  it('takes an image’s budget with its cost', () => {
    const trainer = { kind: 'batch', image: IMAGE } as const;

    expect(define({ budgetPerMonth: 5, costPerRun: 2 }, { trainer })).toMatchObject({ costPerRun: 2 });
  });
});
