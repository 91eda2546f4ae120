import { expect, it } from 'vitest';
import { inSlice, slicesOf } from '../../../../../shared/core/deployment/index.ts';

it.each([
  ['of one value', { feature: 'kind', equals: 'a' }, { kind: 'a' }, true],
  ['of another value', { feature: 'kind', equals: 'a' }, { kind: 'b' }, false],
  ['of several values', { feature: 'kind', in: ['a', 'b'] }, { kind: 'b' }, true],
  ['of a number, as the model took it', { feature: 'x', equals: 0.1 }, { x: Math.fround(0.1) }, true],
  ['of a range, from', { feature: 'x', from: 1, below: 2 }, { x: 1 }, true],
  ['of a range, below', { feature: 'x', from: 1, below: 2 }, { x: 2 }, false],
  ['of a range that is open above', { feature: 'x', from: 1 }, { x: 1e9 }, true],
  ['without a value', { feature: 'x', below: 2 }, { x: null }, false],
  ['without the feature', { feature: 'constructor', equals: 'a' }, {}, false],
])('a row %s', (_, where, inputs, expected) => {
  expect(inSlice(where, inputs)).toBe(expected);
});

it('a row is of every slice that it fits', () => {
  const slices = [
    { name: 'small', where: { feature: 'x', below: 1 } },
    { name: 'a', where: { feature: 'kind', equals: 'a' } },
    { name: 'b', where: { feature: 'kind', equals: 'b' } },
  ];

  expect(slicesOf(slices, { x: 0, kind: 'a' })).toEqual(['small', 'a']);
});
