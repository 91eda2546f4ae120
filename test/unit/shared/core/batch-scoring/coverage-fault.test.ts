import { expect, it } from 'vitest';
import { coverageFault } from '../../../../../shared/core/batch-scoring/index.ts';

const PART = { part: 3, key: 'scoring/a.parquet', fromRow: 10, rowCount: 5 };
const WHOLE = {
  rowCount: 5,
  distinctRows: 5,
  firstRow: 10,
  lastRow: 14,
  files: ['scoring/a.parquet'],
  modelDigests: ['d'],
};

it('finds nothing in one row for each row', () => {
  expect(coverageFault(PART, 'd', WHOLE)).toBeUndefined();
});

it.each([
  ['a gap', { rowCount: 4, distinctRows: 4 }, 'once each, it has 4 rows'],
  ['a double', { rowCount: 6 }, 'once each, it has 6 rows with 5 positions'],
  ['a double in place of a row', { distinctRows: 4 }, 'it has 5 rows with 4 positions'],
  ['rows before it', { firstRow: 9 }, 'positions from 9 to 14'],
  ['rows behind it', { lastRow: 15 }, 'positions from 10 to 15'],
  ['no rows', { rowCount: 0, distinctRows: 0, firstRow: null, lastRow: null }, 'it has 0 rows'],
  ['rows of another input', { files: ['scoring/b.parquet'] }, 'it names scoring/b.parquet'],
  ['rows of another model', { modelDigests: ['d', 'e'] }, 'must be scored by d, it names d, e'],
])('finds %s', (_, change, message) => {
  expect(coverageFault(PART, 'd', { ...WHOLE, ...change })).toContain(message);
});
