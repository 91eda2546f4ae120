import { describe, expect, it } from 'vitest';
import {
  type Filter,
  type OrderBy,
  parseModelVersionFilter,
  parseModelVersionOrderBy,
} from '../../../../../../shared/core/tracking/index.ts';

const shown = (filter: Filter): readonly unknown[] =>
  filter.map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);
const ordered = (order: readonly OrderBy[]): string =>
  order.map(({ field, ascending }) => `${field.key} ${ascending ? 'ASC' : 'DESC'}`).join(', ');

describe('the filter and order of model versions', () => {
  it('knows the fields', () => {
    expect(
      shown(
        parseModelVersionFilter("name='m' AND version_number >= 2 AND run_id IN ('a', 'B') AND source_path LIKE 's%'"),
      ),
    ).toEqual([
      ['attribute', 'name', '=', 'm'],
      ['attribute', 'version_number', '>=', 2],
      ['attribute', 'run_id', 'IN', ['a']],
      ['attribute', 'source_path', 'LIKE', 's%'],
    ]);
    expect(() => parseModelVersionFilter("run_id NOT IN ('a')")).toThrow(/Invalid comparator 'NOT IN'/);
    expect(() => parseModelVersionFilter("version_number = '1'")).toThrow(/Expected numeric value type/);
    expect(ordered(parseModelVersionOrderBy([]))).toBe('last_updated_timestamp DESC, name ASC, version_number DESC');
    expect(ordered(parseModelVersionOrderBy(['name DESC']))).toBe('name DESC, version_number DESC');
  });
});
