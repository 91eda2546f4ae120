import { describe, expect, it } from 'vitest';
import { type InputLayout, planParts } from '../../../../../shared/core/batch-scoring/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const layout = (key: string, rowCounts: readonly number[]): InputLayout => ({
  object: { key, etag: `"${key}"`, sizeBytes: 9_000 },
  footerFromByte: 8_000,
  columns: [{ name: 'x', type: 'DOUBLE' }],
  rowGroups: rowCounts.map((rowCount, i) => ({ rowCount, fromByte: 4 + i * 100, toByte: 104 + i * 100 })),
});

describe('the parts of a batch', () => {
  it('put small row groups together and divide large ones, which are read whole for each part', () => {
    const parts = planParts([layout('a', [10, 20, 5, 70])], 30);

    const told = parts.map(({ fromRow, rowCount, fromByte, toByte }) => [fromRow, rowCount, fromByte, toByte]);
    expect(told).toEqual([
      [0, 30, 4, 204],
      [30, 5, 204, 304],
      [35, 30, 304, 404],
      [65, 30, 304, 404],
      [95, 10, 304, 404],
    ]);
    expect(parts.map(({ part }) => part)).toEqual([0, 1, 2, 3, 4]);
  });

  it('hold every row exactly once, in parts of the bound, each with the bytes of its row groups', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(groups, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (counts, most) => {
        const inputs = counts.map((rowCounts, i) => layout(`o${i}`, rowCounts));
        fc.pre(counts.flat().some((count) => count > 0));

        const parts = planParts(inputs, most);

        for (const { object, rowGroups } of inputs) {
          const own = parts.filter(({ key }) => key === object.key);
          const rows = own.flatMap(({ fromRow, rowCount }) => Array.from({ length: rowCount }, (_, i) => fromRow + i));
          expect(rows).toEqual(Array.from({ length: rows.length }, (_, i) => i));
          expect(rows).toHaveLength(rowGroups.reduce((sum, { rowCount }) => sum + rowCount, 0));
          let first = 0;
          for (const { rowCount, fromByte, toByte } of rowGroups) {
            const touching = own.filter((one) => one.fromRow < first + rowCount && one.fromRow + one.rowCount > first);
            for (const one of touching) expect(one.fromByte <= fromByte && one.toByte >= toByte).toBe(true);
            first += rowCount;
          }
        }
        expect(Math.max(...parts.map(({ rowCount }) => rowCount))).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('are refused when there are no rows, or too many parts', () => {
    expect(() => planParts([layout('a', []), layout('b', [0])])).toThrow('the 2 input objects hold no rows');
    expect(() => planParts([layout('a', [10_001])], 1)).toThrow('makes 10001 parts of at most 1 rows');
  });
});
