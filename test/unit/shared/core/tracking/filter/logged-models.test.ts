import { describe, expect, it } from 'vitest';
import {
  type Filter,
  type OrderBy,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from '../../../../../../shared/core/tracking/index.ts';

const shown = (filter: Filter): readonly unknown[] =>
  filter.map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);
const ordered = (order: readonly OrderBy[]): string =>
  order.map(({ field, ascending }) => `${field.key} ${ascending ? 'ASC' : 'DESC'}`).join(', ');

describe('the filter and order of logged models', () => {
  it('knows the fields', () => {
    expect(
      shown(
        parseLoggedModelFilter(
          "status IN ('A','b') AND creation_time > 1 AND metrics.`a b` < 2 AND params.x NOT IN ('c')",
        ),
      ),
    ).toEqual([
      ['attribute', 'status', 'IN', ['A', 'b']],
      ['attribute', 'creation_timestamp', '>', 1],
      ['metric', 'a b', '<', 2],
      ['param', 'x', 'NOT IN', ['c']],
    ]);
    expect(ordered(parseLoggedModelOrderBy([]))).toBe('creation_timestamp DESC, model_id ASC');
    expect(
      parseLoggedModelOrderBy([
        { fieldName: 'metrics.a b', ascending: false, datasetName: 'd', datasetDigest: 'e' },
      ])[0],
    ).toEqual({ field: { kind: 'metric', key: 'a b' }, ascending: false, datasetName: 'd', datasetDigest: 'e' });
    expect(ordered(parseLoggedModelOrderBy([{ fieldName: 'creation_time' }]))).toBe(
      'creation_timestamp ASC, model_id ASC',
    );
    expect(() => parseLoggedModelOrderBy([{ fieldName: 'params.a' }])).toThrow(/only `metrics.<name>` is allowed/);
    expect(() => parseLoggedModelOrderBy([{ fieldName: 'nothing' }])).toThrow(/Invalid order by field name: nothing/);
    expect(() => parseLoggedModelOrderBy([{ fieldName: 'name', datasetDigest: 'e' }])).toThrow(/`dataset_digest`/);
    expect(() => parseLoggedModelOrderBy([{ fieldName: 'name' }, { fieldName: 'name', ascending: false }])).toThrow(
      /duplicate/,
    );
  });
});
