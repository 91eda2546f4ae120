import { describe, expect, it } from 'vitest';
import { readCsvRows } from '../../../../../shared/core/inference/csv-rows.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('readCsvRows', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,\r\n\r\n,2',
      [
        ['a', 'b'],
        ['1', ''],
        ['', '2'],
      ],
    ],
    ['"a,""b""\n",c', [['a,"b"\n', 'c']]],
    ['', []],
    ['a,', [['a', '']]],
  ])('reads %j', (csv, rows) => {
    expect(readCsvRows(csv)).toEqual(rows);
  });

  it('reads back whatever is quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const csv = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');

        expect(readCsvRows(csv)).toEqual(rows);
      }),
    );
  });

  it.each([
    ['a field that never ends', '"a', /ends within a quoted field/],
    ['text behind a quote', 'b\n"a"c', /behind the closing quote of a field, at character 6/],
  ])('refuses %s', (_name, csv, says) => {
    expect(() => readCsvRows(csv)).toThrow(says);
  });
});
