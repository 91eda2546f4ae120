import { describe, expect, it } from 'vitest';
import {
  numberOfSortable,
  padded,
  SORTABLE_NAN,
  sortableNumber,
  sortableText,
  sortableTime,
  textOfSortable,
  timeOfSortable,
} from '../../../../../../shared/adapters/dynamodb/tracking/sort-key.ts';
import { fc } from '../../../../../helpers/properties.ts';

const compareBytes = (a: string, b: string): number => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
const numbers = fc.double({ noNaN: true });
const times = fc.maxSafeInteger();
const texts = fc.string({ unit: 'binary', maxLength: 40 });

describe('sortable numbers', () => {
  it('have the order of the numbers, and come back', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const order = a === b ? 0 : Math.sign(a < b ? -1 : 1);
        expect(compareBytes(sortableNumber(a), sortableNumber(b))).toBe(order);
        expect(numberOfSortable(sortableNumber(a))).toBe(a === 0 ? 0 : a);
      }),
    );
  });

  it('put NaN above all', () => {
    expect(sortableNumber(Number.NaN)).toBe(SORTABLE_NAN);
    expect(sortableNumber(Number.MAX_VALUE) < SORTABLE_NAN).toBe(true);
    expect(numberOfSortable(SORTABLE_NAN)).toBeNaN();
  });
});

describe('sortable times', () => {
  it('come back, the latest first, in one width', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(compareBytes(sortableTime(a), sortableTime(b))).toBe(Math.sign(b - a));
        expect(timeOfSortable(sortableTime(a))).toBe(a);
        expect(sortableTime(a)).toHaveLength(11);
      }),
    );
  });

  it('take what is beyond safe integers for the nearest', () => {
    expect(timeOfSortable(sortableTime(Number.POSITIVE_INFINITY))).toBe(Number.MAX_SAFE_INTEGER);
    expect(timeOfSortable(sortableTime(-1e300))).toBe(-Number.MAX_SAFE_INTEGER);
  });
});

describe('sortable texts', () => {
  it('have the order of the texts by bytes, whatever follows, and come back', () => {
    fc.assert(
      fc.property(texts, texts, texts, (a, b, rest) => {
        const [x, y] = [a.toWellFormed(), b.toWellFormed()];
        if (x !== y) {
          const ordered = compareBytes(sortableText(a).sortable + rest, sortableText(b).sortable + rest);
          expect(ordered).toBe(compareBytes(x, y));
        }
        const { sortable } = sortableText(a);
        expect(textOfSortable(sortable + rest)).toEqual({ text: x, length: sortable.length });
      }),
    );
  });

  it('keep 600 bytes, cut between characters', () => {
    const cut = sortableText('木'.repeat(300));

    expect(cut.cut).toBe(true);
    expect(textOfSortable(cut.sortable).text).toBe('木'.repeat(200));
    expect(sortableText('x'.repeat(600)).cut).toBe(false);
    expect(sortableText('x'.repeat(601)).sortable).toBe(sortableText('x'.repeat(600)).sortable);
    expect(Buffer.byteLength(sortableText('\u0000'.repeat(600)).sortable)).toBe(601);
  });
});

it('pads whole numbers to one width', () => {
  expect(padded(0)).toBe('0000000000000000');
  expect(padded(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991');
});
