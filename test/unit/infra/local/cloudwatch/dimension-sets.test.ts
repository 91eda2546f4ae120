import { expect, it } from 'vitest';
import { keepDimensionSets } from '../../../../../infra/local/cloudwatch/dimension-sets.ts';

const setsOf = keepDimensionSets((Api: string, Stage?: string) => [
  { Api },
  ...(Stage === undefined ? [] : [{ Api, Stage }]),
]);

it('gives the same frozen objects for the same parts', () => {
  const first = setsOf('orders', 'live');

  expect(setsOf('orders', 'live')).toBe(first);
  expect(first).toEqual([{ Api: 'orders' }, { Api: 'orders', Stage: 'live' }]);
  expect(first.every((set) => Object.isFrozen(set))).toBe(true);
});

it('tells apart what differs in one part, and what lacks one', () => {
  expect(setsOf('orders', 'test')).toEqual([{ Api: 'orders' }, { Api: 'orders', Stage: 'test' }]);
  expect(setsOf('orders')).toEqual([{ Api: 'orders' }]);
});

it('goes on giving what was asked for when more places count than it keeps', () => {
  for (let index = 0; index < 1_500; index += 1) setsOf(`api-${index}`);

  expect(setsOf('api-1')).toEqual([{ Api: 'api-1' }]);
});
