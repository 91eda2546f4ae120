import { describe, expect, it } from 'vitest';
import { defineModel, type ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';

const define = (judge: object, more: Partial<ModelDefinitionInput> = {}) =>
  defineModel({
    name: 'toy',
    owner: 'a-team',
    task: 'binary-classification',
    data: { dataset: 'toys', source: { package: 'p', file: 'f' }, featuresSql: 'SELECT 1' },
    features: [
      { name: 'x', type: 'number' },
      { name: 'kind', type: 'category' },
    ],
    deployment: { canarySteps: [0.1, 0.5, 1], bakeMinutes: 60, judge },
    ...more,
  });
const prediction = { margin: 0.1 };
const slice = (where: object) => ({ prediction, slices: [{ name: 'a', where }] });

describe('deployment.judge', () => {
  it('has its defaults', () => {
    expect(define({ slowness: { margin: 0.05 } }).deployment.judge).toEqual({
      errors: { tolerated: 0, weight: 1 },
      slowness: { margin: 0.05, tolerated: 0.02, weight: 1 },
      slices: [],
      alpha: 0.05,
      atDeadline: 'promote',
      fewestUnits: 50,
    });
  });

  it('is nothing unless it is declared', () => {
    expect(define({}, { deployment: {} }).deployment.judge).toBeUndefined();
  });

  it('takes slices of one value, of several and of a range', () => {
    const slices = [
      { name: 'a', where: { feature: 'kind', equals: 'a' } },
      { name: 'b', where: { feature: 'kind', in: ['b', 'c'] } },
      { name: 'large', where: { feature: 'x', from: 1, below: 2 } },
    ];

    expect(define({ prediction, slices }).deployment.judge?.slices).toHaveLength(3);
  });

  it.each([
    [{ slownes: {} }, 'unknown key "slownes"; allowed: errors, slowness, prediction'],
    [{ errors: { margin: 0 } }, 'deployment.judge.errors.margin must be above 0, got 0'],
    [{ slowness: {} }, 'deployment.judge.slowness.margin is missing'],
    [{ slowness: { margin: 0.01 } }, 'deployment.judge: slowness.tolerated must be at most its margin, 0.01, got 0.02'],
    [
      { errors: { smallestHarm: 0.01, tolerated: 0.02 } },
      'deployment.judge: errors.smallestHarm must be above its tolerated, 0.02, got 0.01',
    ],
    [{ alpha: 0.6 }, 'must be at most 0.5, got 0.6'],
    [
      { slices: [{ name: 'a', where: { feature: 'x', equals: 1 } }] },
      'deployment.judge.slices needs slowness or prediction',
    ],
    [slice({ feature: 'y', equals: 1 }), 'slice a is of y, which is no feature of the model'],
    [slice({ feature: 'x', equals: 'a' }), 'slice a asks for "a", but x is a number'],
    [slice({ feature: 'kind', from: 1 }), 'slice a asks for a range, but kind is a category'],
    [slice({ feature: 'x', from: 2, below: 1 }), 'slice a has a from that is not below its below'],
    [slice({ feature: 'x' }), 'must have one of equals, in, or from and below'],
    [slice({ feature: 'x', equals: 1, below: 2 }), 'must have one of equals, in, or from and below'],
    [{ prediction, slices: [{ name: 'all', where: { feature: 'x', equals: 1 } }] }, 'must not be "all"'],
    [{ deadlineMinutes: 119 }, 'deadlineMinutes must be at least the time of all steps, 120, got 119'],
    [{ lookMinutes: 61 }, 'lookMinutes must be at most bakeMinutes, 60, got 61'],
    [{ lookMinutes: 1, deadlineMinutes: 1_001 }, 'lookMinutes must leave at most 1000 looks until the deadline'],
  ])('refuses %j: %s', (judge, message) => {
    expect(() => define(judge)).toThrow(message);
  });

  it('asks what a regression’s predictions count as', () => {
    expect(() => define({ prediction }, { task: 'regression' })).toThrow(
      'deployment.judge.prediction of a regression needs scale',
    );
    expect(() => define({ prediction: { margin: 0.1, scale: [2, 1] } }, { task: 'regression' })).toThrow(
      'must be a low number and a higher one',
    );
    expect(() => define({ prediction: { margin: 0.1, scale: [1, 2] } }, { task: 'regression' })).not.toThrow();
  });
});
