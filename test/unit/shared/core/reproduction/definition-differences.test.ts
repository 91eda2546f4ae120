import { expect, it } from 'vitest';
import { definitionDifferences } from '../../../../../shared/core/reproduction/index.ts';

const definition = {
  task: 'regression',
  data: { dataset: 'd', featuresSql: 'SELECT 1' },
  features: [{ name: 'x', type: 'number' }],
  trainer: { kind: 'built-in', seed: 1 },
  evaluation: { holdoutDays: 7, margin: 0.1 },
  owner: 'ann',
};

it('finds nothing in another order of keys, another owner or another gate', () => {
  const { trainer, ...others } = definition;
  const now = { trainer: { seed: 1, kind: 'built-in' }, ...others, owner: 'bob', evaluation: { holdoutDays: 7 } };

  expect(definitionDifferences(definition, now)).toEqual([]);
  expect(trainer.seed).toBe(1);
});

it('names the fields that training depends on', () => {
  const now = { ...definition, trainer: { kind: 'built-in', seed: 2 }, evaluation: { holdoutDays: 6 } };

  expect(definitionDifferences(definition, now)).toEqual(['trainer', 'evaluation.holdoutDays']);
});
