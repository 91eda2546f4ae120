import { expect, it } from 'vitest';
import { columnFaults } from '../../../../../shared/core/batch-scoring/index.ts';

const INPUTS = [
  { name: 'x', datatype: 'FP32' },
  { name: 'kind', datatype: 'BYTES' },
] as const;
const object = { key: 'scoring/a.parquet', etag: '"e"', sizeBytes: 1 };
const faultsOf = (columns: Readonly<Record<string, string>>) =>
  columnFaults(INPUTS, { object, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) });

it.each(['TINYINT', 'UBIGINT', 'HUGEINT', 'FLOAT', 'DOUBLE', 'BOOLEAN', 'DECIMAL(18,3)'])(
  'reads numbers from %s',
  (x) => {
    expect(faultsOf({ x, kind: 'VARCHAR', other: 'BLOB' })).toEqual([]);
  },
);

it.each(['VARCHAR', 'UUID', "ENUM('a', 'b')"])('reads text from %s', (kind) => {
  expect(faultsOf({ x: 'DOUBLE', kind })).toEqual([]);
});

it('names each column that is missing, of another type, or of a name that is taken', () => {
  expect(faultsOf({ x: 'TIMESTAMP', File_Row_Number: 'BIGINT' })).toEqual([
    'scoring/a.parquet column x must hold numbers, it is TIMESTAMP',
    'scoring/a.parquet has no column kind, which the model reads',
    'scoring/a.parquet has a column file_row_number, a name that is taken',
  ]);
  expect(faultsOf({ x: 'DOUBLE[]', kind: 'INTEGER' })).toHaveLength(2);
});
