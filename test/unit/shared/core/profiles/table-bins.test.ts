import { describe, expect, it } from 'vitest';
import { makeTableBins, type NumberBins, tableBins } from '../../../../../shared/core/profiles/table-bins.ts';

const age: NumberBins = { name: 'age', type: 'number', edges: [30, 50] };

describe('bins of a table', () => {
  it('are named by their content', () => {
    const { id } = tableBins([age]);

    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(tableBins([{ ...age }]).id).toBe(id);
    for (const other of [
      { ...age, edges: [30, 51] },
      { ...age, min: 0 },
      { ...age, name: 'Age' },
    ]) {
      expect(tableBins([other]).id).not.toBe(id);
    }
  });

  it('are made of the reference: edges between its values, its most frequent categories', () => {
    const columns = new Map<string, Float64Array | readonly (string | null)[]>([
      ['n', Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? Number.NaN : i))],
      ['c', [...Array.from({ length: 98 }, (_, i) => `kind-${i % 60}`), null, '']],
    ]);

    const bins = makeTableBins(
      [
        { name: 'n', type: 'number', max: 90 },
        { name: 'c', type: 'category' },
      ],
      columns,
      { rowCount: 100, binCount: 4 },
    );

    expect(bins.columns[0]).toEqual({ name: 'n', type: 'number', edges: [25.5, 50.5, 75.5], max: 90 });
    const categories = bins.columns[1]?.type === 'category' ? bins.columns[1].categories : [];
    expect(categories).toHaveLength(50);
    expect(categories.slice(0, 2)).toEqual(['kind-0', 'kind-1']);
  });

  it('of a column without a number are one', () => {
    const bins = makeTableBins([{ name: 'n', type: 'number' }], new Map([['n', Float64Array.of(Number.NaN)]]), {
      rowCount: 1,
    });

    expect(bins.columns[0]).toEqual({ name: 'n', type: 'number', edges: [] });
  });

  it('are refused where they could not count', () => {
    expect(() => tableBins([age, age])).toThrow('column age must have bins once');
    expect(() => tableBins([{ ...age, edges: [5, 5] }])).toThrow('ascending edges, got 5 at 1');
    expect(() => tableBins([{ ...age, edges: [Number.NaN] }])).toThrow('finite');
    expect(() => tableBins([{ ...age, edges: Array.from({ length: 256 }, (_, i) => i) }])).toThrow(
      'at most 256 bins, got 257',
    );
    expect(() => tableBins([{ name: 'c', type: 'category', categories: ['a', 'a'] }])).toThrow('different, non-empty');
    expect(() => makeTableBins([{ name: 'n', type: 'number' }], new Map(), { rowCount: 1 })).toThrow(
      'a column n, got none',
    );
    expect(() => makeTableBins([], new Map(), { rowCount: 1, binCount: 257 })).toThrow('in [1, 256], got 257');
  });
});
