import { describe, expect, it } from 'vitest';
import { CHUNK_ROWS, createNumberSorter } from '../../../../../shared/core/profiles/sort-numbers.ts';
import { createDraws, drawNumbers } from '../../../../helpers/drawn-columns.ts';
import { fc } from '../../../../helpers/properties.ts';

const sorter = createNumberSorter();
const sort = (values: ArrayLike<number>, hint = { allDigits: false }): readonly number[] => {
  sorter.values.set(values);
  return [...sorter.sort(values.length, hint).subarray(0, values.length)];
};

describe('the sort of a piece of rows', () => {
  it('orders as the engine does, whatever the numbers', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), (values) => {
        expect(sort(values)).toEqual([...Float64Array.from(values).sort()]);
      }),
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('orders a whole piece of shape %i', (shape) => {
    const values = drawNumbers(createDraws(shape), { count: CHUNK_ROWS, shape }).map((value) => value + 0);

    expect(sort(values)).toEqual([...values.slice().sort()]);
    expect(sort(values, { allDigits: true })).toEqual([...values.slice().sort()]);
  });

  it('remembers that a column needs all digits', () => {
    const [near, far] = [{ allDigits: false }, { allDigits: false }];

    sort(drawNumbers(createDraws(1), { count: CHUNK_ROWS, shape: 0 }), near);
    sort(drawNumbers(createDraws(1), { count: CHUNK_ROWS, shape: 7 }), far);

    expect([near.allDigits, far.allDigits]).toEqual([false, true]);
  });

  it('orders numbers that only their last bits tell apart', () => {
    const draw = createDraws(1);
    const values = Float64Array.from({ length: CHUNK_ROWS }, () => 1_700_000_000 + draw());

    expect(sort(values)).toEqual([...values.slice().sort()]);
  });
});
