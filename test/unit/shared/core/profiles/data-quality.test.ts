import { describe, expect, it } from 'vitest';
import { qualityFindings } from '../../../../../shared/core/profiles/data-quality.ts';
import {
  type CellValue,
  createTableProfiler,
  type TableProfile,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';

const bins = tableBins([
  { name: 'x', type: 'number', edges: [10, 20], min: 0, max: 100 },
  { name: 'y', type: 'number', edges: [10, 20] },
  { name: 'c', type: 'category', categories: ['a', 'b'] },
]);

type Row = Readonly<Record<string, CellValue>>;

const rowOf = (i: number): Row => ({ x: i % 40, y: (i * 7) % 400, c: i % 3 === 0 ? 'a' : 'b' });

const profileOf = (change: (row: Row, i: number) => Row = (row) => row, count = 400): TableProfile => {
  const profiler = createTableProfiler(bins);
  profiler.foldRows(Array.from({ length: count }, (_, i) => change(rowOf(i), i)));
  return profiler.profile();
};

const reference = profileOf();
const findingsOf = (change: (row: Row, i: number) => Row) => qualityFindings(reference, profileOf(change));

describe('data quality', () => {
  it('has nothing to say of the same rows, nor of none', () => {
    expect(findingsOf((row) => row)).toEqual([]);
    expect(qualityFindings(reference, createTableProfiler(bins).profile())).toEqual([]);
  });

  it('finds missing, mistyped, infinite and out-of-range values by their shares', () => {
    const [missing] = findingsOf((row, i) => (i % 4 === 0 ? { ...row, x: null } : row));

    expect(missing).toMatchObject({ kind: 'missing values', column: 'x', share: 0.25, referenceShare: 0 });
    expect(missing?.pValue).toBeLessThan(1e-9);
    expect(findingsOf((row, i) => (i % 4 === 0 ? { ...row, x: 'n/a' } : row))).toMatchObject([
      { kind: 'mistyped values', column: 'x', share: 0.25 },
    ]);
    expect(findingsOf((row, i) => (i === 0 ? { ...row, x: Infinity } : row))).toMatchObject([
      { kind: 'not finite values', share: 1 / 400 },
    ]);
    expect(findingsOf((row, i) => (i < 4 ? { ...row, x: -5 } : row))).toMatchObject([
      { kind: 'out of range', column: 'x', share: 0.01 },
      { kind: 'beyond reference', column: 'x', detail: '[0, 39] became [-5, 39]' },
    ]);
  });

  it('names new categories', () => {
    expect(findingsOf((row, i) => (i < 8 ? { ...row, c: 'z' } : row))).toMatchObject([
      { kind: 'new categories', column: 'c', share: 0.02, detail: 'z' },
    ]);
  });

  it('finds columns that are absent, unexpected, constant or copies of another', () => {
    const absent = createTableProfiler(bins);
    absent.foldColumns(
      new Map<string, Float64Array | readonly string[]>([
        ['x', Float64Array.from({ length: 400 }, (_, i) => i % 40)],
        ['c', Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? 'a' : 'b'))],
      ]),
      400,
    );

    expect(qualityFindings(reference, absent.profile())).toContainEqual(
      expect.objectContaining({ kind: 'absent column', column: 'y', share: 1 }),
    );
    expect(findingsOf((row) => ({ ...row, extra: 1 }))).toEqual([{ kind: 'unexpected column', column: 'extra' }]);
    expect(findingsOf((row) => ({ ...row, x: 7 }))).toContainEqual({ kind: 'constant column', column: 'x' });
    expect(findingsOf((row) => ({ ...row, c: 'b' }))).toContainEqual({ kind: 'constant column', column: 'c' });
    expect(findingsOf((row) => ({ ...row, y: row.x ?? 0 }))).toContainEqual({
      kind: 'duplicated columns',
      column: 'y',
      detail: 'x',
    });
  });

  it('takes no columns of a single row for the same, as any two may be equal there', () => {
    const oneRow = profileOf((row) => ({ ...row, y: row.x ?? 0 }), 1);

    expect(qualityFindings(reference, oneRow).map(({ kind }) => kind)).not.toContain('duplicated columns');
  });

  it('takes columns of the same values in another order for different ones', () => {
    const kinds = findingsOf((row, i) => ({ ...row, y: (399 - i) % 40 })).map(({ kind }) => kind);

    expect(kinds).not.toContain('duplicated columns');
  });

  it('finds rows that come again and again', () => {
    const [finding] = findingsOf((_, i) => rowOf(i % 100));

    expect(finding?.kind).toBe('duplicated rows');
    expect(finding?.share).toBeGreaterThan(0.65);
  });
});
